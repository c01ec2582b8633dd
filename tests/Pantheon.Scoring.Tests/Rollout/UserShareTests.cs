using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Tests.Rollout;

public sealed class UserShareTests
{
    // python3: int.from_bytes(hashlib.sha256(b"4.7\0" + key).digest()[:8], "big") / 2**64 * 100
    [Theory]
    [InlineData("u1", 93.08)]
    [InlineData("u2", 74.25)]
    [InlineData("grün", 48.88)]
    public void Contains_KnownHash_TurnsAtThatPercent(string user, double percent)
    {
        Assert.False(new UserShare(percent - 0.02, "4.7").Contains(user));
        Assert.True(new UserShare(percent + 0.02, "4.7").Contains(user));
    }

    [Fact]
    public void Contains_LargerPercent_OnlyAddsUsersAndKeepsItsWord()
    {
        var users = Enumerable.Range(0, 20_000).Select(user => $"user-{user}").ToList();
        List<string> before = [];
        foreach (var percent in (double[])[0, 0.5, 5, 20, 50, 100])
        {
            var share = new UserShare(percent, "salt");
            var now = users.Where(user => share.Contains(user)).ToList();
            Assert.Empty(before.Except(now));
            // Five standard deviations of a binomial.
            Assert.InRange(now.Count, (users.Count * percent / 100) - 5 * Math.Sqrt(users.Count * percent / 100 * (1 - (percent / 100))), (users.Count * percent / 100) + 5 * Math.Sqrt(users.Count * percent / 100 * (1 - (percent / 100))));
            before = now;
        }
    }

    [Fact]
    public void Contains_AnotherSalt_DrawsOthers()
    {
        var users = Enumerable.Range(0, 20_000).Select(user => $"user-{user}").ToList();
        var (one, other) = (new UserShare(10, "a"), new UserShare(10, "b"));
        Assert.InRange(users.Count(user => one.Contains(user) && other.Contains(user)), 130, 270);
    }

    [Fact]
    public void Contains_NoKey_IsInNone() => Assert.False(new UserShare(100, "salt").Contains(""));

    [Fact]
    public void Contains_LongKey_IsHashedWhole()
    {
        var key = new string('x', 5000);
        Assert.Contains(Enumerable.Range(0, 20), last => new UserShare(50, "s").Contains(key + last) != new UserShare(50, "s").Contains(key));
    }
}

using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Tests.Rankings;

public sealed class RankingIdTests
{
    [Fact]
    public void TryTimeOf_RfcExample_IsItsTime()
    {
        // RFC 9562, A.6.
        Assert.True(RankingId.TryTimeOf(Guid.Parse("017f22e2-79b0-7cc3-98c4-dc0c0c07398f"), out var at));
        Assert.Equal(new DateTimeOffset(2022, 2, 22, 14, 22, 22, TimeSpan.FromHours(-5)), at);
    }

    [Theory]
    [InlineData("00000000-0000-0000-0000-000000000000")]
    [InlineData("ffffffff-ffff-ffff-ffff-ffffffffffff")]
    [InlineData("919108f7-52d1-4320-9bac-f847db4148a8")]
    [InlineData("017f22e2-79b0-7cc3-18c4-dc0c0c07398f")]
    [InlineData("ffffffff-ffff-7fff-bfff-ffffffffffff")]
    public void TryTimeOf_AnotherUuid_IsNone(string id) => Assert.False(RankingId.TryTimeOf(Guid.Parse(id), out _));

    [Fact]
    public void Floor_OfATime_IsBelowItsIdsAndAboveThoseBefore()
    {
        for (var round = 0; round < 1000; round++)
        {
            Assert.True(RankingId.Floor(Sample.Noon).CompareTo(RankingId.New(Sample.Noon)) < 0);
            Assert.True(RankingId.Floor(Sample.Noon).CompareTo(RankingId.New(Sample.Noon.AddMilliseconds(-1))) > 0);
        }
    }
}

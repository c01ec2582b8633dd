using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Tests.TopK;

public sealed class TopKSelectorTests
{
    private static readonly float[] Special =
    [
        0f, -0f, float.Epsilon, -float.Epsilon, 1.1754942e-38f, -1.1754942e-38f, 1.1754944e-38f, float.MaxValue, float.MinValue,
        1f, -1f, float.NaN, float.PositiveInfinity, float.NegativeInfinity,
    ];

    [Fact]
    public void Select_RandomScores_EqualsStableSort()
    {
        var random = new Random(11);
        for (var round = 0; round < 3000; round++)
        {
            var scores = Scores(random, random.Next(0, 200), ties: random.Next(3));
            var k = random.Next(0, (scores.Length * 3 / 2) + 2);
            Check(scores, k);
        }
    }

    [Fact]
    public void Select_EveryKOfOneRequest_EqualsStableSort()
    {
        var scores = Scores(new Random(12), 97, ties: 1);
        for (var k = 0; k <= scores.Length + 2; k++)
        {
            Check(scores, k);
        }
    }

    [Fact]
    public void Select_LargeRequests_EqualsStableSort()
    {
        var random = new Random(13);
        foreach (var k in new[] { 1, 10, 1000, 4095, 4096, 4097 })
        {
            Check(Scores(random, 4096, ties: 2), k);
        }
    }

    [Fact]
    public void Select_ZerosOfBothSigns_AreTiesByPosition() =>
        Assert.Equal([0, 1, 2, 3], Select([-0f, 0f, -0f, 0f], 4));

    [Fact]
    public void Select_Denormals_AreOrderedByValue() =>
        Assert.Equal([2, 0, 1, 3], Select([float.Epsilon, -0f, 2 * float.Epsilon, -float.Epsilon], 4));

    [Fact]
    public void Select_AllEqual_KeepsPositions() =>
        Assert.Equal(Enumerable.Range(0, 5), Select([.. Enumerable.Repeat(0.5f, 100)], 5));

    [Fact]
    public void Select_NothingFinite_ReturnsNothing() =>
        Assert.Empty(Select([float.NaN, float.PositiveInfinity, float.NegativeInfinity, -float.NaN], 3));

    [Fact]
    public void Select_FewerFiniteThanK_ReturnsThem() =>
        Assert.Equal([4, 1], Select([float.NaN, 1f, float.PositiveInfinity, float.NaN, 2f, float.NaN], 3));

    [Theory]
    [InlineData(0, 5)]
    [InlineData(1, 0)]
    [InlineData(0, 0)]
    public void Select_NothingToSelect_ReturnsNothing(int candidates, int k) => Assert.Empty(Select(new float[candidates], k));

    [Fact]
    public void Select_OneCandidate_ReturnsIt() => Assert.Equal([0], Select([-7f], 1));

    [Fact]
    public void Select_NegativeK_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TopKSelector.Select([1f], -1, new ulong[1]));

    [Fact]
    public void Select_RoomTooSmall_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => TopKSelector.Select([1f, 2f, 3f], 2, new ulong[1]));

    private static void Check(float[] scores, int k)
    {
        // LINQ's sort is stable, and its float comparer takes both zeros as equal.
        var expected = Enumerable.Range(0, scores.Length)
            .Where(position => float.IsFinite(scores[position]))
            .OrderByDescending(position => scores[position])
            .Take(k);
        Assert.Equal(expected, Select(scores, k));
    }

    private static int[] Select(float[] scores, int k)
    {
        var keys = new ulong[Math.Min(k, scores.Length)];
        var count = TopKSelector.Select(scores, k, keys);
        return [.. keys.Take(count).Select(TopKSelector.Position)];
    }

    // ties 0: any bits at all; 1: few values, many of them special; 2: ordinary scores.
    private static float[] Scores(Random random, int count, int ties)
    {
        var scores = new float[count];
        for (var i = 0; i < count; i++)
        {
            scores[i] = ties switch
            {
                0 => BitConverter.Int32BitsToSingle(random.Next(int.MinValue, int.MaxValue)),
                1 => Special[random.Next(Special.Length)],
                _ => (float)Math.Round(random.NextDouble(), 2),
            };
        }

        return scores;
    }
}

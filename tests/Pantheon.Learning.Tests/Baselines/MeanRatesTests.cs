using Pantheon.Learning.Baselines;
using Pantheon.Learning.Data;
using Pantheon.Learning.Tests.Data;

namespace Pantheon.Learning.Tests.Baselines;

public sealed class MeanRatesTests
{
    private const long DayMs = 86_400_000;
    private const long TestFromMs = RandomLog.StartMs + (8 * DayMs);

    // Video 1: shown 3 times, clicked twice. Video 2: shown once, not clicked. Video 3 only in the days to test on.
    private static readonly Exposure[] s_training =
    [
        new(1, 1, RandomLog.StartMs, "is_click"), new(1, 2, RandomLog.StartMs + 1), new(2, 1, RandomLog.StartMs + 2, "is_click"), new(2, 1, RandomLog.StartMs + 3),
    ];

    private static readonly float[] s_priors = [0.5f];

    [Fact]
    public void Score_Videos_AreTheirRatesDrawnTowardsThePrior()
    {
        var data = Load([new(1, 1, TestFromMs), new(1, 2, TestFromMs + 1, "is_click"), new(9, 3, TestFromMs + 2)]);

        var scores = Assert.Single(MeanRates.Score(data, data.Log.VideoIndex, s_priors, strength: 2));

        // (2 + 2 * 0.5) / (3 + 2), (0 + 1) / (1 + 2), and the prior for what nobody has seen.
        Assert.Equal([0.6f, 1 / 3f, 0.5f], scores, (expected, actual) => Math.Abs(expected - actual) < 1e-6f);
    }

    [Fact]
    public void Score_Users_AreTheSameForAllOfAUsersExposures()
    {
        var data = Load([new(1, 1, TestFromMs), new(1, 2, TestFromMs + 1), new(2, 2, TestFromMs + 2)]);

        var scores = Assert.Single(MeanRates.Score(data, data.Log.UserIndex, s_priors, strength: 2));

        Assert.Equal([0.5f, 0.5f, 0.5f], scores);
    }

    [Fact]
    public void Score_OutcomesOfTheDaysToTestOn_HaveNoPartInIt()
    {
        Exposure[] test = [new(1, 1, TestFromMs), new(2, 2, TestFromMs + 1), new(1, 3, TestFromMs + 2)];
        var (before, after) = (Load(test), Load([.. test.Select(exposure => exposure with { Positives = ["is_click"] })]));

        foreach (var entity in (Func<InteractionLog, int[]>[])[log => log.UserIndex.ToArray(), log => log.VideoIndex.ToArray()])
        {
            Assert.Equal(
                MeanRates.Score(before, entity(before.Log), s_priors, 10), MeanRates.Score(after, entity(after.Log), s_priors, 10));
        }
    }

    [Fact]
    public void Joined_TwoRates_AddsTheirLogOdds()
    {
        var joined = Assert.Single(MeanRates.Joined([[0.8f]], [[0.5f]]));

        Assert.Equal(Math.Log(4), Assert.Single(joined), 1e-6);
    }

    private static Dataset Load(Exposure[] test)
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [.. s_training, .. test]);
        return folder.Load(new DatasetOptions
        {
            Split = new TimeSplit(RandomLog.StartMs, TestFromMs, TestFromMs, long.MaxValue),
            Features = new FeatureOptions { Objectives = ["is_click"], MinCount = 1 },
        });
    }
}

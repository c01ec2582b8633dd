using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Tests.Rollout;

public sealed class RolloutGuardTests
{
    private static readonly GuardOptions s_options = new();
    private static readonly VersionFigures s_usual = Figures(1000);

    [Fact]
    public void Judge_AlikeOrTooYoung_SaysNothing()
    {
        Assert.Null(RolloutGuard.Judge(Figures(1000), s_usual, true, s_options));
        Assert.Null(RolloutGuard.Judge(Figures(99) with { Failures = 99 }, s_usual, true, s_options));
    }

    [Theory]
    [InlineData(30, 1.0, 0.5, 0.1, true, "errors: 3.0 % of 1000 requests failed, 0.0 % of the base's 1000; the bound is 2.0 points more")]
    [InlineData(0, 4.0, 0.5, 0.1, true, "latency: its graph takes 4.00 ms a request, the base's 1.00 ms; the bound is 3 times that")]
    [InlineData(0, 2.9, 0.5, 0.1, true, null)]
    [InlineData(0, 1.0, 0.8, 0.1, true, "scores: their mean is 0.8, the base's 0.5: +3.0 standard deviations; the bound is 2")]
    [InlineData(0, 1.0, 0.8, 0.1, false, null)]
    [InlineData(0, 1.0, 0.5, 0.5, true, "scores: their standard deviation is 0.5, the base's 0.1; the bound is a factor of 4")]
    [InlineData(0, 1.0, 0.5, 0.02, true, "scores: their standard deviation is 0.02, the base's 0.1; the bound is a factor of 4")]
    [InlineData(0, 1.0, 0.5, 0.0, false, "scores: all 100000 of the last minute are 0.5")]
    public void Judge_OutsideABound_NamesItWithBothFigures(int failures, double milliseconds, double mean, double std, bool areComparable, string? expected) =>
        Assert.Equal(expected, RolloutGuard.Judge(Figures(1000, failures, milliseconds, mean, std), s_usual, areComparable, s_options));

    [Fact]
    public void Judge_ThreeTimesNextToNothing_IsNoSlowdown() =>
        Assert.Null(RolloutGuard.Judge(Figures(1000, milliseconds: 0.9), Figures(1000, milliseconds: 0.02), true, s_options));

    private static VersionFigures Figures(long requests, int failures = 0, double milliseconds = 1, double mean = 0.5, double std = 0.1) => new()
    {
        Requests = requests,
        Failures = failures,
        RunSeconds = (requests - failures) * milliseconds / 1000,
        Scores = new ScoreMoments(100 * requests, mean, 100 * requests * std * std),
    };
}

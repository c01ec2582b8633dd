using Pantheon.Learning.Experiments;
using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Experiments;

public sealed class GainVerdictTests
{
    private static readonly Estimate s_above = new(0.02, 0.005, 0.01, 0.03);

    [Fact]
    public void Of_EveryIntervalAboveZero_IsBetterOnAll() => Assert.Equal(
        "new over old: better on all objectives, every interval above zero; mean gain 2.00 points [1.00, 3.00].", Of(s_above, s_above));

    [Fact]
    public void Of_AnIntervalThatReachesZero_IsNot() => Assert.StartsWith(
        "new over old: not better on all: 1 of 2 intervals above zero, 0 below;", Of(s_above, new(0.02, 0.01, 0, 0.04)), StringComparison.Ordinal);

    // With too few users there is no interval, and no claim.
    [Fact]
    public void Of_NoInterval_IsNot() => Assert.StartsWith(
        "new over old: not better on all: 1 of 2 intervals above zero, 0 below;", Of(s_above, new(0.02, double.NaN, double.NaN, double.NaN)), StringComparison.Ordinal);

    [Fact]
    public void Of_AnIntervalBelowZero_IsCounted() => Assert.StartsWith(
        "new over old: not better on all: 1 of 2 intervals above zero, 1 below;", Of(s_above, new(-0.02, 0.005, -0.03, -0.01)), StringComparison.Ordinal);

    private static string Of(params Estimate[] gains) =>
        GainVerdict.Of("old", new ScoringReport("new", gains, default, gains, s_above, default, 1)).Text;
}

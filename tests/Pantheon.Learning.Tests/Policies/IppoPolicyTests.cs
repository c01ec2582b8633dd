using Pantheon.Learning.Policies;

namespace Pantheon.Learning.Tests.Policies;

public sealed class IppoPolicyTests
{
    private static readonly string[] s_objectives = ["is_click", "long_view", "is_like"];

    [Fact]
    public void Decide_BetterOnEveryObjective_PromotesTheReference()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0 }, reference: [2, 1, 1]);

        var decision = policy.Decide(Window([0.60, 0.60, 0.60], [0.62, 0.61, 0.63], error: 0.002));

        Assert.Equal(IppoAction.Promote, decision.Action);
        Assert.Equal([0.5, 0.25, 0.25], policy.BaseWeights);
        Assert.Equal(policy.ReferenceWeights, policy.BaseWeights);
    }

    [Fact]
    public void Decide_BetterByLessThanTheNoise_RaisesAWeightInstead()
    {
        var window = Window([0.60, 0.60, 0.60], [0.62, 0.601, 0.63], error: 0.002);

        Assert.Equal(IppoAction.RaiseWeight, Policy(new IppoOptions { BurnInWindows = 0 }).Decide(window).Action);
        Assert.Equal(IppoAction.Promote, Policy(new IppoOptions { BurnInWindows = 0, Guard = IppoGuard.None }).Decide(window).Action);
    }

    // w_k += 0.1 / M, then normalised: 1/3 + 1/30 over 31/30.
    [Fact]
    public void Decide_NotDominating_RaisesTheLargestGapByATenthOfTheMeanWeight()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0 });

        var decision = policy.Decide(Window([0.60, 0.65, 0.60], [0.62, 0.61, 0.58], error: 0.002));

        Assert.Equal((IppoAction.RaiseWeight, "long_view"), (decision.Action, decision.Objective));
        Assert.Equal(11.0 / 31, policy.ReferenceWeights[1], 1e-12);
        Assert.Equal(10.0 / 31, policy.ReferenceWeights[0], 1e-12);
        Assert.Equal(1, policy.ReferenceWeights.Sum(), 1e-12);
        Assert.Equal(1.0 / 3, policy.BaseWeights[1], 1e-12);
    }

    [Fact]
    public void Decide_GapToTheRankingModel_IsTheOtherReading()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, Gap = IppoGap.RankingOverReference });

        var decision = policy.Decide(Window([0.60, 0.65, 0.60], [0.62, 0.61, 0.58], error: 0.002) with { Ranking = [0.75, 0.66, 0.66] });

        Assert.Equal("is_click", decision.Objective);
    }

    // Long view is 0.3 points behind with an error of 0.1, like 0.5 points with one of 0.5: the guard has longer to wait for long view.
    [Fact]
    public void Decide_LeastCertainGap_IsTheGainFewestErrorsAboveZero()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, Gap = IppoGap.LeastCertain });
        var window = Window([0.60, 0.60, 0.60], [0.62, 0.597, 0.595], error: 0.001) with { StandardErrors = [0.001, 0.001, 0.005] };

        Assert.Equal("long_view", policy.Decide(window).Objective);
    }

    // Nothing tells base and reference apart: the ranking model says where there is most to win.
    [Fact]
    public void Decide_ReferenceThatIsTheBase_GoesWhereTheCeilingIsFurthest()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0 });
        var window = Window([0.60, 0.60, 0.60], [0.60, 0.60, 0.60], error: 0) with { Ranking = [0.7, 0.7, 0.8] };

        Assert.Equal((IppoAction.RaiseWeight, "is_like"), (policy.Decide(window).Action, policy.Decide(window).Objective));
    }

    [Fact]
    public void Decide_GainThatRoundsToNothing_IsPrintedWithoutASign() => Assert.Contains(
        "is_click 0.00 ± 0.20, long_view -1.00",
        Policy(new IppoOptions { BurnInWindows = 0 }).Decide(Window([0.60, 0.60, 0.60], [0.59999, 0.59, 0.61], error: 0.002)).Reason, StringComparison.Ordinal);

    [Fact]
    public void Rebase_ForgetsWhatWasJudgedAgainstTheOldBase()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, JudgedWindows = 2 });
        var window = Window([0.60, 0.65, 0.60], [0.62, 0.61, 0.58], error: 0.002);
        policy.Decide(window);

        policy.Rebase([2, 1, 1]);

        Assert.Equal([0.5, 0.25, 0.25], policy.BaseWeights);
        Assert.Equal(IppoAction.Wait, policy.Decide(window).Action);
        Assert.Equal(IppoAction.RaiseWeight, policy.Decide(window).Action);
    }

    [Fact]
    public void Decide_AfterAChange_WaitsForTheBurnIn()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 2 });
        var window = Window([0.60, 0.60, 0.60], [0.62, 0.61, 0.63], error: 0.002);

        Assert.Equal(
            [IppoAction.Wait, IppoAction.Wait, IppoAction.Promote, IppoAction.Wait, IppoAction.Wait, IppoAction.Promote],
            Enumerable.Range(0, 6).Select(_ => policy.Decide(window).Action));
    }

    // Four windows of the same gain have half the standard error of one.
    [Fact]
    public void Decide_SeveralWindows_PoolsTheirEvidence()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, JudgedWindows = 4 });
        var window = Window([0.60, 0.60, 0.60], [0.603, 0.603, 0.603], error: 0.003);

        Assert.Equal(
            [IppoAction.Wait, IppoAction.Wait, IppoAction.Promote], Enumerable.Range(0, 3).Select(_ => policy.Decide(window).Action));
        Assert.Equal([0.003, 0.003, 0.003], policy.Decide(window).Gains.Select(gain => Math.Round(gain, 9)));
    }

    [Fact]
    public void Decide_WindowWithoutAGauc_SaysNothing() => Assert.Equal(
        IppoAction.Wait, Policy(new IppoOptions { BurnInWindows = 0 }).Decide(Window([0.6, double.NaN, 0.6], [0.7, 0.7, 0.7], error: 0.001)).Action);

    // Two equal models, noise only: the paper's rule promotes one window in 2^M, the guarded one next to none.
    [Fact]
    public void Decide_EqualModels_TheGuardKeepsNoiseFromBeingPromoted()
    {
        var (bare, guarded) = (Promotions(IppoGuard.None), Promotions(IppoGuard.Confidence));

        Assert.InRange(bare, 4000 / 8 * 0.8, 4000 / 8 * 1.2);
        // 0.05 cubed of 4,000 is a half.
        Assert.InRange(guarded, 0, 5);

        static int Promotions(IppoGuard guard)
        {
            var random = new Random(1);
            var policy = Policy(new IppoOptions { BurnInWindows = 0, Guard = guard });
            double Noise() => 0.002 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
            return Enumerable.Range(0, 4000).Count(_ => policy.Decide(Window([0.6, 0.6, 0.6], [0.6 + Noise(), 0.6 + Noise(), 0.6 + Noise()], error: 0.002)).Action == IppoAction.Promote);
        }
    }

    // A base that lacks one objective, as a formula that never had it: raising the largest gap's weight leads the reference to a point
    // that beats it on all, wherever it starts. GAUC here is a smooth function of the weight's share.
    [Theory]
    [InlineData(1, 1, 1)]
    [InlineData(20, 1, 1)]
    [InlineData(1, 20, 1)]
    [InlineData(1, 1, 20)]
    public void Decide_WeightsThatWouldDominate_AreFound(double click, double view, double like)
    {
        double[] incumbent = [0.66, 0.64, 0.61];
        var policy = Policy(new IppoOptions { BurnInWindows = 0 }, reference: [click, view, like]);
        for (var window = 0; window < 400; window++)
        {
            double[] reached = [.. policy.ReferenceWeights.Select((weight, objective) => 0.72 - (0.02 * objective) - (0.04 * Math.Exp(-4 * weight)))];
            if (policy.Decide(Window(incumbent, reached, error: 0.001)).Action == IppoAction.Promote)
            {
                return;
            }
        }

        Assert.Fail("no promotion in 400 windows");
    }

    [Fact]
    public void New_OptionsOutOfRange_AreRefused() => Assert.All(
        [
            new IppoOptions { FamilyWiseError = 0 }, new IppoOptions { FamilyWiseError = 1 }, new IppoOptions { MinimumUsers = 0 },
            new IppoOptions { ConfirmWindows = -1 },
        ],
        options => Assert.Throws<ArgumentException>(() => Policy(options)));

    [Fact]
    public void New_WeightsThatAreNotPositive_AreRefused()
    {
        Assert.Throws<ArgumentException>(() => Policy(new IppoOptions(), reference: [0, 1, 1]));
        Assert.Throws<ArgumentException>(() => Policy(new IppoOptions { Delta = 0 }));
    }

    [Fact]
    public void Journal_TornLastLine_IsDroppedAndWrittenOver()
    {
        var path = Path.GetTempFileName();
        try
        {
            var policy = Policy(new IppoOptions { BurnInWindows = 0 });
            var first = policy.Decide(Window([0.6, 0.6, 0.6], [0.7, 0.5, 0.7], error: 0.001));
            using (var journal = JsonLines.Open(path))
            {
                journal.Append(first);
            }

            File.AppendAllText(path, "{\"window\":\"cut of");
            var second = policy.Decide(Window([0.6, 0.6, 0.6], [0.7, 0.7, 0.7], error: 0.001));
            using (var journal = JsonLines.Open(path))
            {
                journal.Append(second);
            }

            var read = JsonLines.Read<IppoDecision>(path);
            Assert.Equal([IppoAction.RaiseWeight, IppoAction.Promote], read.Select(decision => decision.Action));
            Assert.Equal([JsonLines.Line(first), JsonLines.Line(second)], read.Select(decision => JsonLines.Line(decision)));
        }
        finally
        {
            File.Delete(path);
        }
    }

    private static IppoPolicy Policy(IppoOptions options, double[]? reference = null) => new("reference", s_objectives, [1, 1, 1], reference ?? [1, 1, 1], options);

    private static IppoWindow Window(double[] @base, double[] reference, double error) => new("w", 1000, [500, 500, 500], @base, reference, [0.8, 0.8, 0.8], [error, error, error]);
}

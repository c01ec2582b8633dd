using Pantheon.Learning.Policies;

namespace Pantheon.Learning.Tests.Policies;

/// <summary>What noise would have to pass: enough users, a stated error, and once more on the next window.</summary>
public sealed class IppoGuardTests
{
    private static readonly double[] s_base = [0.60, 0.60];
    private static readonly double[] s_better = [0.62, 0.62];
    private static readonly double[] s_worse = [0.62, 0.59];

    [Fact]
    public void Decide_TooFewUsersOfAnObjective_WaitsAndPoolsUntilThereAreEnough()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, MinimumUsers = 100 });
        var window = Window(s_better) with { Users = [900, 40] };

        var decisions = Enumerable.Range(0, 3).Select(_ => policy.Decide(window)).ToList();

        Assert.Equal([IppoAction.Wait, IppoAction.Wait, IppoAction.Promote], decisions.Select(decision => decision.Action));
        Assert.Contains("only 80 of 100 users with both classes of like", decisions[1].Reason, StringComparison.Ordinal);
    }

    [Fact]
    public void Decide_TooFewUsers_RaisesNoWeightEither()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0 });

        var decision = policy.Decide(Window(s_worse) with { Users = [99, 99] });

        Assert.Equal(IppoAction.Wait, decision.Action);
        Assert.Equal(decision.Before.Reference, decision.After.Reference);
    }

    [Fact]
    public void Decide_TooFewUsersByThePapersRule_DoesNotMind() => Assert.Equal(
        IppoAction.Promote, Policy(new IppoOptions { BurnInWindows = 0, Guard = IppoGuard.None }).Decide(Window(s_better) with { Users = [1, 1] }).Action);

    [Fact]
    public void Decide_DominanceFound_IsPromotedOnlyIfTheNextWindowSaysSoToo()
    {
        var policy = Policy(IppoOptions.Live with { BurnInWindows = 0 });

        var (found, confirmed) = (policy.Decide(Window(s_better)), policy.Decide(Window(s_better)));

        Assert.Equal((IppoAction.Wait, IppoAction.Promote), (found.Action, confirmed.Action));
        Assert.Contains("to be confirmed by 1 more", found.Reason, StringComparison.Ordinal);
        Assert.Equal(found.Before.Reference, confirmed.Before.Reference);
    }

    [Fact]
    public void Decide_TwoWindowsToConfirm_TakesTwo()
    {
        var policy = Policy(new IppoOptions { BurnInWindows = 0, ConfirmWindows = 2 });

        Assert.Equal([IppoAction.Wait, IppoAction.Wait, IppoAction.Promote], Enumerable.Range(0, 3).Select(_ => policy.Decide(Window(s_better)).Action));
    }

    // Pooled with the window that found it, +2 points, this one of no gain would pass: it has to do so alone.
    [Fact]
    public void Decide_NextWindowWithoutGain_IsNotConfirmedByTheFirst()
    {
        var policy = Policy(IppoOptions.Live with { BurnInWindows = 0 });
        policy.Decide(Window(s_better));

        var second = policy.Decide(Window([0.6205, 0.6005]));

        Assert.Equal((IppoAction.RaiseWeight, "like"), (second.Action, second.Objective));
        Assert.StartsWith("not confirmed", second.Reason, StringComparison.Ordinal);
        Assert.Equal(IppoAction.Wait, policy.Decide(Window(s_better)).Action);
    }

    [Fact]
    public void Decide_NotConfirmedWhileWindowsAreLeftToJudge_GoesOnJudgingFromThere()
    {
        var policy = Policy(IppoOptions.Live with { BurnInWindows = 0, JudgedWindows = 2 });

        Assert.Equal(
            [IppoAction.Wait, IppoAction.Wait, IppoAction.RaiseWeight],
            new[] { s_better, s_worse, s_worse }.Select(reference => policy.Decide(Window(reference)).Action));
    }

    [Fact]
    public void Decide_TooFewUsersToConfirm_WaitsForMore()
    {
        var policy = Policy(IppoOptions.Live with { BurnInWindows = 0 });
        policy.Decide(Window(s_better));

        Assert.Equal(IppoAction.Wait, policy.Decide(Window(s_better) with { Users = [60, 60] }).Action);
        Assert.Equal(IppoAction.Promote, policy.Decide(Window(s_better) with { Users = [60, 60] }).Action);
    }

    // Quantiles of the normal distribution: 1.6449 of 0.95, 2.1280 of 1 - 0.05 / 3, 2.3263 of 0.99.
    [Theory]
    [InlineData(0.05, 1, 1.6449)]
    [InlineData(0.05, 3, 2.1280)]
    [InlineData(0.01, 1, 2.3263)]
    public void Decide_FamilyWiseError_SaysHowManyStandardErrorsAGainNeeds(double error, int references, double expected)
    {
        IppoAction At(double errors) => new IppoPolicy("r", ["click", "like"], [1, 1], [1, 1], new IppoOptions { BurnInWindows = 0, FamilyWiseError = error }, references)
            .Decide(Window([0.60 + (errors * 0.002), 0.7])).Action;

        Assert.Equal((IppoAction.RaiseWeight, IppoAction.Promote), (At(expected - 0.0002), At(expected + 0.0002)));
    }

    // The least favourable case of the test: one objective is no better, and all others are by far.
    [Theory]
    [InlineData(0, 0.05)]
    [InlineData(1, 0.0025)]
    public void Decide_OneObjectiveNoBetter_ErrsAsOftenAsStated(int confirm, double expected)
    {
        const int Looks = 20_000;
        var random = new Random(3);
        double Noise() => 0.002 * Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
        var promoted = 0;
        for (var look = 0; look < Looks; look++)
        {
            var policy = Policy(new IppoOptions { BurnInWindows = 0, ConfirmWindows = confirm });
            promoted += Enumerable.Range(0, 1 + confirm).Count(_ => policy.Decide(Window([0.7, 0.6 + Noise()])).Action == IppoAction.Promote);
        }

        Assert.InRange(promoted, (Looks * expected) - (4 * Math.Sqrt(Looks * expected)), (Looks * expected) + (4 * Math.Sqrt(Looks * expected)));
    }

    private static IppoPolicy Policy(IppoOptions options) => new("reference", ["click", "like"], [1, 1], [1, 1], options);

    private static IppoWindow Window(double[] reference) => new("w", 1000, [500, 500], s_base, reference, [0.8, 0.8], [0.002, 0.002]);
}

using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class PairedBootstrapTests
{
    private static readonly RandomRows Data = new(1, 20_000, 600, 0, 0.4, 0.1);
    private static readonly ObjectiveLabels Labels = ObjectiveLabels.Of(UserGroups.Of(Data.Users), Data.Labels, ["click", "like"]);
    private static readonly UserAucs Base = Gauc.PerUser(Data.Scores, Labels);
    private static readonly UserAucs Other = Gauc.PerUser(Data.OtherScores(2, 0.3), Labels);

    [Fact]
    public void Compare_ManyReplicates_StandardErrorIsThatOfAWeightedMean()
    {
        var report = PairedBootstrap.Compare(("base", Base), [("other", Other)], new BootstrapOptions(4_000));

        for (int objective = 0; objective < 2; objective++)
        {
            int o = objective;
            Assert.Equal(
                RatioError(o, user => Base.Of(o)[user], Base.Table[o]), report.Scorings[0].Gauc[o].StandardError, 1e-4);
            Assert.Equal(
                RatioError(o, user => Other.Of(o)[user] - Base.Of(o)[user], Other.Table[o] - Base.Table[o]),
                report.Scorings[1].Gain[o].StandardError, 1e-4);
        }
    }

    [Fact]
    public void Compare_ManyReplicates_IntervalIsAboutTwoStandardErrorsAroundTheValue()
    {
        var estimate = PairedBootstrap.Compare(("base", Base), [], new BootstrapOptions(4_000)).Scorings[0].Gauc[0];

        Assert.Equal(Base.Table[0], estimate.Value);
        Assert.Equal(1.96, (estimate.High - estimate.Value) / estimate.StandardError, 0.15);
        Assert.Equal(1.96, (estimate.Value - estimate.Low) / estimate.StandardError, 0.15);
    }

    [Fact]
    public void Compare_ScoringsAlike_DifferenceIsSurerThanEither()
    {
        var close = Gauc.PerUser(Data.OtherScores(3, 0.02), Labels);

        var report = PairedBootstrap.Compare(("base", Base), [("close", close)]);

        Assert.True(report.Scorings[1].Gain[0].StandardError < report.Scorings[1].Gauc[0].StandardError / 3);
    }

    [Fact]
    public void Compare_SameScoring_GainIsNothing()
    {
        var same = PairedBootstrap.Compare(("base", Base), [("same", Base)]).Scorings[1];

        Assert.Equal(new Estimate(0, 0, 0, 0), same.Gain[1]);
        Assert.Equal(new Estimate(0, 0, 0, 0), same.WorstGain);
        Assert.Equal(0, same.AllImprove);
    }

    [Fact]
    public void Compare_ScoringBetterOnAll_ImprovesAndTheOtherNever()
    {
        var report = PairedBootstrap.Compare(("other", Other), [("base", Base)]);

        Assert.Equal(["other", "base"], report.Scorings.Select(scoring => scoring.Name));
        Assert.True(report.Scorings[1].AllImprove > 0.95);
        Assert.True(PairedBootstrap.Compare(("base", Base), [("other", Other)]).Scorings[1].AllImprove == 0);
    }

    [Fact]
    public void Compare_SameSeed_IsBitwiseTheSameAndAnotherSeedIsNot()
    {
        Estimate Estimated(ulong seed) =>
            PairedBootstrap.Compare(("base", Base), [("other", Other)], new BootstrapOptions(200, Seed: seed)).Scorings[1].MeanGain;

        Assert.Equal(Estimated(5), Estimated(5));
        Assert.NotEqual(Estimated(5), Estimated(6));
    }

    [Fact]
    public void Compare_OneRetainedUser_SaysThatItCannotSay()
    {
        var labels = ObjectiveLabels.Of(UserGroups.Of([0, 0, 1, 1]), [[0, 1, 0, 0]]);
        var aucs = Gauc.PerUser([1, 2, 3, 4], labels);

        var estimate = PairedBootstrap.Compare(("one", aucs), []).Scorings[0].Gauc[0];

        Assert.Equal(1, estimate.Value);
        Assert.Equal([double.NaN, double.NaN, double.NaN], [estimate.StandardError, estimate.Low, estimate.High]);
    }

    [Fact]
    public void Compare_OtherLabels_Throws()
    {
        var labels = ObjectiveLabels.Of(UserGroups.Of(Data.Users), Data.Labels);

        Assert.Throws<ArgumentException>(
            () => PairedBootstrap.Compare(("base", Base), [("other", Gauc.PerUser(Data.Scores, labels))]));
    }

    [Fact]
    public void Fill_ManyDraws_HasMeanAndVarianceOneAndPoissonShares()
    {
        double[] counts = new double[1_000_001];
        PoissonCounts.Fill(counts, 3, 0);

        double mean = counts.Average();
        Assert.Equal(1, mean, 0.005);
        Assert.Equal(1, counts.Average(count => (count - mean) * (count - mean)), 0.01);
        Assert.Equal(Math.Exp(-1), counts.Count(count => count == 0) / 1e6, 0.003);
        Assert.Equal(Math.Exp(-1) / 6, counts.Count(count => count == 3) / 1e6, 0.002);
    }

    /// <summary>First-order error of a ratio of sums under Poisson weights: sqrt(sum n_u^2 (x_u - mean)^2) / sum n_u.</summary>
    private static double RatioError(int objective, Func<int, double> value, double mean)
    {
        int[] exposures = new int[Labels.Groups.Count];
        foreach (int user in Data.Users)
        {
            exposures[user]++;
        }

        double squares = 0;
        double sum = 0;
        for (int user = 0; user < exposures.Length; user++)
        {
            if (!double.IsNaN(Base.Of(objective)[user]))
            {
                squares += Math.Pow(exposures[user] * (value(user) - mean), 2);
                sum += exposures[user];
            }
        }

        return Math.Sqrt(squares) / sum;
    }
}

using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

public sealed class TpeSamplerTests
{
    private static readonly SearchSpace Cube = new(
        [new("x", -5, 5), new("y", -5, 5), new("z", -5, 5), new("rate", 1e-4, 1, Log: true)]);

    [Theory]
    [InlineData(1, 1)]
    [InlineData(10, 1)]
    [InlineData(11, 2)]
    [InlineData(250, 25)]
    [InlineData(1_000, 25)]
    public void BestOf_Trials_IsATenthRoundedUpAndAtMost25(int trials, int expected) =>
        Assert.Equal(expected, TpeSampler.BestOf(trials));

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Propose_SmoothFunction_BeatsRandomInTheMedian(bool multivariate)
    {
        var tpe = new List<double>();
        var random = new List<double>();
        for (ulong seed = 0; seed < 25; seed++)
        {
            tpe.Add(Best(new StudyOptions { Seed = seed, Maximise = false, Multivariate = multivariate }, Bowl));
            random.Add(Best(new StudyOptions { Seed = seed, Maximise = false, StartupTrials = 100 }, Bowl));
        }

        Assert.True(Median(tpe) < Median(random) / 4, $"TPE {Median(tpe)}, random {Median(random)}");
    }

    [Fact]
    public void Propose_TwoValleys_BeatsRandomInTheMedian()
    {
        var tpe = new List<double>();
        var random = new List<double>();
        for (ulong seed = 0; seed < 25; seed++)
        {
            tpe.Add(Best(new StudyOptions { Seed = seed }, Valleys));
            random.Add(Best(new StudyOptions { Seed = seed, StartupTrials = 100 }, Valleys));
        }

        Assert.True(Median(tpe) > Median(random) + 0.1, $"TPE {Median(tpe)}, random {Median(random)}");
    }

    [Fact]
    public void Propose_ManyTrials_StaysInRange()
    {
        using var study = new Study(Cube);
        study.Run(200, values => values[0] + values[3]);

        foreach (var trial in study.Trials)
        {
            for (int index = 0; index < 4; index++)
            {
                Assert.InRange(trial.Values[index], Cube.Parameters[index].Low, Cube.Parameters[index].High);
            }
        }

        Assert.True(study.Best!.Score > 5.8);
    }

    [Fact]
    public void Propose_StartupTrials_AreLogUniformInLogParameters()
    {
        using var study = new Study(Cube, new StudyOptions { StartupTrials = 4_000 });
        study.Run(4_000, _ => 0);

        Assert.Equal(0.25, study.Trials.Count(trial => trial.Values[3] < 1e-3) / 4_000.0, 0.03);
        Assert.Equal(0.5, study.Trials.Count(trial => trial.Values[0] < 0) / 4_000.0, 0.03);
    }

    private static double Bowl(IReadOnlyList<double> v) =>
        Math.Pow(v[0] - 1, 2) + Math.Pow(v[1] + 2, 2) + Math.Pow(v[2] - 3, 2) + Math.Pow(Math.Log10(v[3]) + 3, 2);

    private static double Valleys(IReadOnlyList<double> v) =>
        Math.Max(Math.Exp(-Bowl(v) / 4), 0.8 * Math.Exp(-Bowl([-v[0], -v[1], -v[2], v[3]]) / 4));

    private static double Best(StudyOptions options, Func<IReadOnlyList<double>, double> score)
    {
        using var study = new Study(Cube, options);
        return study.Run(100, score)!.Score;
    }

    private static double Median(List<double> values) => values.Order().ElementAt(values.Count / 2);
}

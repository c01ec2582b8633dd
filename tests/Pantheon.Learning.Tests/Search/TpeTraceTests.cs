using System.Text.Json;
using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

/// <summary>
/// Against recorded runs of Optuna's sampler (python/golden_tpe.py makes the file): from its trials we must come to its kernels,
/// densities and choices. Random numbers are ours.
/// </summary>
public sealed class TpeTraceTests
{
    private static readonly SearchSpace Space = new(
        [new("x", -5, 5), new("y", -5, 5), new("z", -5, 5), new("rate", 1e-4, 1, Log: true)]);

    private static readonly Golden Recorded = JsonSerializer.Deserialize<Golden>(
        File.ReadAllBytes(Path.Combine(AppContext.BaseDirectory, "fixtures", "golden_tpe.json")), JsonSerializerOptions.Web)!;

    [Theory]
    [InlineData(0)]
    [InlineData(1)]
    public void Split_RecordedTrials_GivesOptunasKernelsDensitiesAndChoice(int trace)
    {
        var recorded = Recorded.Traces[trace];
        var sampler = new TpeSampler(Space, new StudyOptions { Maximise = false, Multivariate = recorded.Multivariate });
        Assert.NotEmpty(recorded.Steps);
        foreach (var step in recorded.Steps)
        {
            var (good, others) = sampler.Split([.. Enumerable.Range(0, step.Trial)
                .Select(number => new CompletedTrial(number, recorded.Values[number], recorded.Scores[number]))]);
            int[] dimensions = [.. step.Parameters.Select(name => Array.IndexOf(Recorded.Parameters, name))];
            double[] low = [.. dimensions.Select(at => Space.Parameters[at].Inside(Space.Parameters[at].Low))];
            double[] high = [.. dimensions.Select(at => Space.Parameters[at].Inside(Space.Parameters[at].High))];
            var below = new ParzenEstimator([.. dimensions.Select(at => good[at])], low, high, recorded.Multivariate);
            var above = new ParzenEstimator([.. dimensions.Select(at => others[at])], low, high, recorded.Multivariate);

            AssertSame(step.Below, below);
            if (step.Above is not null)
            {
                AssertSame(step.Above, above);
            }

            AssertSameChoice(recorded, step, dimensions, below, above);
        }
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Run_HundredTrials_MedianOfTheBestIsAboutOptunas(bool multivariate)
    {
        var best = new List<double>();
        for (ulong seed = 0; seed < 25; seed++)
        {
            using var study = new Study(Space, new StudyOptions { Maximise = false, Seed = seed, Multivariate = multivariate });
            best.Add(study.Run(
                100,
                v => Math.Pow(v[0] - 1, 2) + Math.Pow(v[1] + 2, 2) + Math.Pow(v[2] - 3, 2) + Math.Pow(Math.Log10(v[3]) + 3, 2))!.Score);
        }

        double optuna = multivariate ? Recorded.MedianBestMultivariate : Recorded.MedianBest;
        Assert.InRange(best.Order().ElementAt(12) / optuna, 0.5, 2);
    }

    private static void AssertSame(GoldenEstimator expected, ParzenEstimator actual)
    {
        AssertClose(expected.Weights, actual.Weights);
        for (int dimension = 0; dimension < expected.Centres.Length; dimension++)
        {
            AssertClose(expected.Centres[dimension], actual.Centres[dimension]);
            AssertClose(expected.Widths[dimension], actual.Widths[dimension]);
        }
    }

    private static void AssertClose(double[] expected, double[] actual)
    {
        Assert.Equal(expected.Length, actual.Length);
        for (int index = 0; index < expected.Length; index++)
        {
            Assert.Equal(expected[index], actual[index], 1e-12);
        }
    }

    private static void AssertSameChoice(Trace trace, Step step, int[] dimensions, ParzenEstimator below, ParzenEstimator above)
    {
        int chosen = 0;
        double highest = double.NegativeInfinity;
        for (int candidate = 0; candidate < step.LogBelow.Length; candidate++)
        {
            double[] point = [.. dimensions.Select((at, index) => Space.Parameters[at].Inside(step.Candidates[index][candidate]))];
            double logBelow = below.LogDensity(point);
            double logAbove = above.LogDensity(point);
            Assert.Equal(step.LogBelow[candidate], logBelow, 1e-9);
            Assert.Equal(step.LogAbove[candidate], logAbove, 1e-9);
            if (logBelow - logAbove > highest)
            {
                highest = logBelow - logAbove;
                chosen = candidate;
            }
        }

        for (int index = 0; index < dimensions.Length; index++)
        {
            Assert.Equal(trace.Values[step.Trial][dimensions[index]], step.Candidates[index][chosen], 1e-12);
        }
    }

    private sealed record Golden(string[] Parameters, Trace[] Traces, double MedianBest, double MedianBestMultivariate);

    private sealed record Trace(bool Multivariate, double[][] Values, double[] Scores, Step[] Steps);

    private sealed record Step(
        int Trial, string[] Parameters, double[][] Candidates, double[] LogBelow, double[] LogAbove, GoldenEstimator Below,
        GoldenEstimator? Above);

    private sealed record GoldenEstimator(double[] Weights, double[][] Centres, double[][] Widths);
}

using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class ListMetricsTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Compute_GoldenCases_NdcgEqualsScikitLearn()
    {
        foreach (var golden in GoldenMetrics.Load().Cases)
        {
            int[] cutoffs = [.. golden.Ndcg.Keys.Select(int.Parse)];

            var report = ListMetrics.Compute(golden.Scores, golden.LabelBytes, UserGroups.Single(golden.Scores.Length), cutoffs);

            for (int k = 0; k < cutoffs.Length; k++)
            {
                Assert.Equal(golden.Ndcg.Values.ElementAt(k), report.Ndcg[k], 1e-10);
            }
        }
    }

    [Fact]
    public void Compute_GoldenCasesWithoutTies_MapEqualsScikitLearnsAveragePrecision()
    {
        foreach (var golden in GoldenMetrics.Load().Cases)
        {
            var report = ListMetrics.Compute(golden.Distinct, golden.LabelBytes, UserGroups.Single(golden.Scores.Length), [1]);

            Assert.Equal(golden.AveragePrecision, report.Map, Tolerance);
        }
    }

    [Fact]
    public void Compute_ByHand_EqualsEquations20And21()
    {
        // List 0 ranks its rows 2, 0, 1 with clicks at ranks 1 and 3; list 1 has its click at rank 2; list 2 has none.
        int[] lists = [0, 0, 0, 1, 1, 2];
        float[] scores = [0.5f, 0.1f, 0.9f, 0.3f, 0.8f, 0.7f];
        byte[] clicks = [0, 1, 1, 1, 0, 0];
        float[] dwell = [50, 4, 100, 6, 70, 80];

        var report = ListMetrics.Compute(scores, clicks, UserGroups.Of(lists), [1, 2], dwell, longestDwell: 10);

        Assert.Equal([1 / 3.0, 2 / 3.0], report.Hit);
        Assert.Equal([10 / 3.0, 16 / 3.0], report.WeightedHit);
        Assert.Equal((((1.0 + (2 / 3.0)) / 2) + 0.5) / 2, report.Map, Tolerance);
        Assert.Equal(((((1.0 * 10) + (2 / 3.0 * 4)) / 2) + (0.5 * 6)) / 2, report.WeightedMap, Tolerance);
        Assert.Equal(2, report.Lists);
        Assert.Equal(2 / 3.0, report.Coverage, Tolerance);
    }

    [Fact]
    public void Compute_DwellOfOne_WeightedEqualsPlain()
    {
        var data = new RandomRows(1, 600, 60, 8, 0.3);
        float[] ones = new float[600];
        Array.Fill(ones, 1);

        var report = ListMetrics.Compute(data.Scores, data.Labels[0], UserGroups.Of(data.Users), [1, 3, 5], ones);

        Assert.Equal(report.Map, report.WeightedMap, Tolerance);
        Assert.Equal(report.Hit, report.WeightedHit);
    }

    [Fact]
    public void Compute_TiedScores_IsMeanOverAllOrders()
    {
        float[] scores = [1, 1, 0, 1, 0, 1];
        byte[] clicks = [1, 0, 1, 1, 0, 0];
        float[] dwell = [3, 9, 5, 7, 9, 9];
        var list = UserGroups.Single(6);
        int[] cutoffs = [1, 2, 3, 5];
        var sums = new double[3 + (cutoffs.Length * 2)];
        int orders = 0;
        foreach (int[] order in Permutations([0, 1, 2, 3, 4, 5]))
        {
            float[] distinct = [.. scores.Select((score, row) => (score * 100) - Array.IndexOf(order, row))];
            var one = ListMetrics.Compute(distinct, clicks, list, cutoffs, dwell);
            sums[0] += one.Map;
            sums[1] += one.WeightedMap;
            sums[2] += one.WeightedHit[1];
            for (int k = 0; k < cutoffs.Length; k++)
            {
                sums[3 + k] += one.Hit[k];
                sums[3 + cutoffs.Length + k] += one.Ndcg[k];
            }

            orders++;
        }

        var report = ListMetrics.Compute(scores, clicks, list, cutoffs, dwell);

        Assert.Equal(720, orders);
        Assert.Equal(sums[0] / orders, report.Map, Tolerance);
        Assert.Equal(sums[1] / orders, report.WeightedMap, Tolerance);
        Assert.Equal(sums[2] / orders, report.WeightedHit[1], Tolerance);
        for (int k = 0; k < cutoffs.Length; k++)
        {
            Assert.Equal(sums[3 + k] / orders, report.Hit[k], Tolerance);
            Assert.Equal(sums[3 + cutoffs.Length + k] / orders, report.Ndcg[k], Tolerance);
        }
    }

    [Fact]
    public void Compute_WithoutDwell_WeightedMetricsAreNaN()
    {
        var report = ListMetrics.Compute([1, 2], [0, 1], UserGroups.Single(2), [1]);

        Assert.Equal(double.NaN, report.WeightedMap);
        Assert.Equal(double.NaN, report.WeightedHit[0]);
        Assert.Equal(1, report.Map);
    }

    [Fact]
    public void Compute_NegativeDwell_Throws() =>
        Assert.Throws<ArgumentException>(() => ListMetrics.Compute([1, 2], [0, 1], UserGroups.Single(2), [1], [1, -1]));

    private static IEnumerable<int[]> Permutations(int[] values)
    {
        if (values.Length == 1)
        {
            yield return values;
            yield break;
        }

        foreach (int first in values)
        {
            foreach (int[] rest in Permutations([.. values.Where(value => value != first)]))
            {
                yield return [first, .. rest];
            }
        }
    }
}

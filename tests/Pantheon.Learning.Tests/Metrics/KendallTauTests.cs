using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class KendallTauTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Compute_GoldenCases_EqualsScipy()
    {
        foreach (var golden in GoldenMetrics.Load().Cases)
        {
            float[] labels = [.. golden.Labels.Select(label => (float)label)];

            Assert.Equal(golden.Tau, KendallTau.Compute(golden.Scores, golden.Other), Tolerance);
            Assert.Equal(golden.TauOfLabels, KendallTau.Compute(golden.Scores, labels), Tolerance);
        }
    }

    [Theory]
    [InlineData(new[] { 1f, 2f, 3f }, new[] { 4f, 5f, 9f }, 1.0)]
    [InlineData(new[] { 1f, 2f, 3f }, new[] { 9f, 5f, 4f }, -1.0)]
    [InlineData(new[] { 1f, 2f, 3f }, new[] { 1f, 3f, 2f }, 1 / 3.0)]
    [InlineData(new[] { 1f, 1f }, new[] { 1f, 2f }, double.NaN)]
    [InlineData(new[] { 1f }, new[] { 1f }, double.NaN)]
    public void Compute_ByHand_IsConcordantLessDiscordant(float[] first, float[] second, double expected) =>
        Assert.Equal(expected, KendallTau.Compute(first, second), Tolerance);

    [Theory]
    [InlineData(15, 0)]
    [InlineData(17, 4)]
    [InlineData(64, 0)]
    [InlineData(333, 12)]
    public void Compute_RandomRows_EqualsAllPairs(int rows, int levels)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var data = new RandomRows(seed, rows, 1, levels, 0.5);
            float[] other = data.OtherScores(seed + 100, 0.4);

            Assert.Equal(PairOracle.Tau(data.Scores, other), KendallTau.Compute(data.Scores, other), Tolerance);
        }
    }

    [Fact]
    public void ComputeGrouped_RandomRows_IsMeanOverUsersWeightedByRows()
    {
        var data = new RandomRows(5, 500, 60, 4, 0.5);
        float[] other = [.. data.OtherScores(6, 0.5).Select(value => MathF.Round(value * 4))];
        double sum = 0;
        double rows = 0;
        int users = 0;
        foreach (var group in Enumerable.Range(0, 500).GroupBy(row => data.Users[row]))
        {
            double tau = PairOracle.Tau([.. group.Select(row => data.Scores[row])], [.. group.Select(row => other[row])]);
            if (!double.IsNaN(tau))
            {
                sum += tau * group.Count();
                rows += group.Count();
                users++;
            }
        }

        var grouped = KendallTau.ComputeGrouped(data.Scores, other, UserGroups.Of(data.Users));

        Assert.Equal(sum / rows, grouped.Tau, Tolerance);
        Assert.Equal(rows / 500, grouped.RowCoverage, Tolerance);
        Assert.Equal(users / (double)data.Users.Distinct().Count(), grouped.UserCoverage, Tolerance);
    }
}

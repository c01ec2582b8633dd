using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class AucTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Compute_GoldenCases_EqualsScikitLearn()
    {
        foreach (var golden in GoldenMetrics.Load().Cases)
        {
            Assert.Equal(golden.Auc, Auc.Compute(golden.Scores, golden.LabelBytes), Tolerance);
        }
    }

    [Theory]
    [InlineData(new[] { 1f, 2f, 3f }, new byte[] { 0, 1, 1 }, 1.0)]
    [InlineData(new[] { 3f, 2f, 1f }, new byte[] { 0, 1, 1 }, 0.0)]
    [InlineData(new[] { 5f, 5f, 5f }, new byte[] { 0, 1, 0 }, 0.5)]
    [InlineData(new[] { 0f, -0f }, new byte[] { 0, 1 }, 0.5)]
    [InlineData(new[] { -2f, -1f }, new byte[] { 0, 1 }, 1.0)]
    [InlineData(new[] { float.NegativeInfinity, float.PositiveInfinity, 0f }, new byte[] { 0, 1, 1 }, 1.0)]
    [InlineData(new[] { -1e-45f, 1e-45f }, new byte[] { 1, 0 }, 0.0)]
    [InlineData(new[] { 1f, 2f }, new byte[] { 1, 1 }, double.NaN)]
    [InlineData(new float[0], new byte[0], double.NaN)]
    public void Compute_ByHand_IsShareOfPairsInOrder(float[] scores, byte[] labels, double expected) =>
        Assert.Equal(expected, Auc.Compute(scores, labels), Tolerance);

    [Theory]
    [InlineData(3, 0)]
    [InlineData(200, 5)]
    [InlineData(255, 0)]
    [InlineData(256, 40)]
    [InlineData(900, 0)]
    public void Compute_RandomRows_EqualsCountOfPairs(int rows, int levels)
    {
        for (int seed = 0; seed < 5; seed++)
        {
            var data = new RandomRows(seed, rows, 1, levels, 0.3);
            Assert.Equal(PairOracle.Auc(data.Scores, data.Labels[0]), Auc.Compute(data.Scores, data.Labels[0]), Tolerance);
        }
    }

    [Fact]
    public void Each_RowsOfManyUsers_EqualsEachObjectiveAlone()
    {
        var data = new RandomRows(7, 3_000, 50, 64, 0.5, 0.2, 0.02);
        var labels = ObjectiveLabels.Of(UserGroups.Of(data.Users), data.Labels);

        double[] aucs = Auc.Each(data.Scores, labels);

        for (int objective = 0; objective < 3; objective++)
        {
            Assert.Equal(Auc.Compute(data.Scores, data.Labels[objective]), aucs[objective], Tolerance);
        }

        Assert.Equal(aucs.Sum(), Auc.Sum(data.Scores, labels), Tolerance);
    }

    [Fact]
    public void Concordance_UnequalValues_EqualsCountOfPairs()
    {
        var data = new RandomRows(3, 400, 1, 30, 0.4);
        float[] dwell = [.. data.OtherScores(5, 0.7).Select(value => MathF.Round(value * 8) / 8)];
        double ordered = 0;
        double pairs = 0;
        for (int a = 0; a < dwell.Length; a++)
        {
            for (int b = 0; b < dwell.Length; b++)
            {
                if (dwell[a] > dwell[b])
                {
                    pairs++;
                    ordered += data.Scores[a] > data.Scores[b] ? 1 : data.Scores[a] == data.Scores[b] ? 0.5 : 0;
                }
            }
        }

        Assert.Equal(ordered / pairs, Auc.Concordance(data.Scores, dwell), Tolerance);
    }

    [Fact]
    public void Concordance_BinaryValues_EqualsAuc()
    {
        var data = new RandomRows(4, 500, 1, 30, 0.4);
        float[] values = [.. data.Labels[0].Select(label => (float)label)];

        Assert.Equal(Auc.Compute(data.Scores, data.Labels[0]), Auc.Concordance(data.Scores, values), Tolerance);
    }

    [Fact]
    public void Compute_ScoreIsNaN_Throws() => Assert.Throws<ArgumentException>(() => Auc.Compute([1, float.NaN], [0, 1]));

    [Fact]
    public void Compute_LabelIsTwo_Throws() => Assert.Throws<ArgumentException>(() => Auc.Compute([1, 2], [0, 2]));
}

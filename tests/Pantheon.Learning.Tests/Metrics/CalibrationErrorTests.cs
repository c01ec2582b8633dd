using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class CalibrationErrorTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void LogLoss_GoldenCases_EqualsScikitLearn()
    {
        foreach (var golden in GoldenMetrics.Load().Cases)
        {
            Assert.Equal(golden.LogLoss, LogLoss.Compute(golden.Scores, golden.LabelBytes), Tolerance);
        }
    }

    [Fact]
    public void LogLoss_ConfidentMiss_IsFinite() => Assert.Equal(15.94, LogLoss.Compute([0f, 1f], [1, 0]), 0.01);

    [Theory]
    [InlineData(-0.1f)]
    [InlineData(1.1f)]
    [InlineData(float.NaN)]
    public void LogLoss_NotAProbability_Throws(float value) => Assert.Throws<ArgumentException>(() => LogLoss.Compute([value], [1]));

    [Fact]
    public void Compute_ByHand_IsWeightedGapOfBins()
    {
        float[] probabilities = [0.75f, 0.125f, 0.5f, 0.25f];
        byte[] labels = [1, 0, 1, 1];

        var report = CalibrationError.Compute(probabilities, labels, 2);

        Assert.Equal(new CalibrationBin(2, 0.1875, 0.5), report.Bins[0]);
        Assert.Equal(new CalibrationBin(2, 0.625, 1), report.Bins[1]);
        Assert.Equal((0.3125 + 0.375) / 2, report.Error, Tolerance);
        Assert.Equal(1.625 / 3, report.Ratio, Tolerance);
    }

    [Theory]
    [InlineData(10)]
    [InlineData(20)]
    public void Compute_OneProbabilityForAll_ErrorIsGapOfMeans(int bins)
    {
        float[] probabilities = new float[1_003];
        Array.Fill(probabilities, 0.25f);
        byte[] labels = [.. Enumerable.Range(0, 1_003).Select(row => (byte)(row < 300 ? 1 : 0))];

        var report = CalibrationError.Compute(probabilities, labels, bins);

        Assert.Equal((300 / 1_003.0) - 0.25, report.Error, Tolerance);
        Assert.Equal(1_003, report.Bins.Sum(bin => bin.Rows));
    }

    [Fact]
    public void Compute_LabelsDrawnFromProbabilities_ErrorIsSmallAndRatioNearOne()
    {
        var random = new Random(1);
        float[] probabilities = [.. Enumerable.Range(0, 200_000).Select(_ => random.NextSingle())];
        byte[] labels = [.. probabilities.Select(probability => (byte)(random.NextSingle() < probability ? 1 : 0))];

        var report = CalibrationError.Compute(probabilities, labels, 20);
        var doubled = CalibrationError.Compute([.. probabilities.Select(probability => probability / 2)], labels, 20);

        Assert.InRange(report.Error, 0, 0.006);
        Assert.Equal(1, report.Ratio, 0.01);
        Assert.Equal(0.25, doubled.Error, 0.01);
        Assert.Equal(0.5, doubled.Ratio, 0.01);
    }

    [Fact]
    public void Compute_FewerRowsThanBins_OneRowEach() =>
        Assert.Equal(3, CalibrationError.Compute([0.1f, 0.2f, 0.3f], [0, 1, 0], 10).Bins.Count);
}

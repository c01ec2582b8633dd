using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class MeanVarianceCalibratorTests
{
    // Golden rows: python/calibration_golden.py, which computes the formula in 60 decimal digits.
    [Theory]
    [InlineData(0.31, 0.12, 0.048, 0.021, 0.0f, -0.0062500000931322575f)]
    [InlineData(0.31, 0.12, 0.048, 0.021, 0.3100000023841858f, 0.04800000041723251f)]
    [InlineData(0.31, 0.12, 0.048, 0.021, 0.5f, 0.08124999701976776f)]
    [InlineData(0.31, 0.12, 0.048, 0.021, 1.0f, 0.16875000298023224f)]
    [InlineData(0.31, 0.12, 0.048, 0.021, -2.5f, -0.4437499940395355f)]
    [InlineData(0.0, 1.0, 0.0, 1.0, 0.10000000149011612f, 0.10000000149011612f)]
    [InlineData(0.0, 1.0, 0.0, 1.0, -0.10000000149011612f, -0.10000000149011612f)]
    [InlineData(0.0, 1.0, 0.0, 1.0, 3.0000000054977558e+38f, 3.0000000054977558e+38f)]
    [InlineData(0.5, 1e-09, 0.05, 0.02, 0.5f, 0.05000000074505806f)]
    [InlineData(0.5, 1e-09, 0.05, 0.02, 0.5000000596046448f, 1.2420928478240967f)]
    [InlineData(0.5, 1e-09, 0.05, 0.02, 0.4999999701976776f, -0.5460464358329773f)]
    [InlineData(1000000.0, 0.25, 0.05, 0.02, 1000000.0f, 0.05000000074505806f)]
    [InlineData(1000000.0, 0.25, 0.05, 0.02, 1000000.5f, 0.09000000357627869f)]
    [InlineData(1000000.0, 0.25, 0.05, 0.02, 999999.25f, -0.009999999776482582f)]
    [InlineData(-3.75, 12.5, 0.001, 1e-06, 0.0f, 0.0010003000497817993f)]
    [InlineData(-3.75, 12.5, 0.001, 1e-06, 100.0f, 0.0010082999942824244f)]
    [InlineData(-3.75, 12.5, 0.001, 1e-06, -100.0f, 0.0009922999888658524f)]
    [InlineData(0.5, 1e-12, 0.05, 0.02, 0.5f, 0.05000000074505806f)]
    [InlineData(1000000.0, 1e-06, 0.05, 0.02, 1000000.0f, 0.05000000074505806f)]
    public void Apply_GoldenMoments_EqualsTheFormulaToOneUlp(
        double ownMean, double ownStd, double baselineMean, double baselineStd, float score, float expected)
    {
        var calibrated = new MeanVarianceCalibrator(new Moments(ownMean, ownStd), new Moments(baselineMean, baselineStd)).Apply(score);
        Assert.InRange(calibrated, MathF.BitDecrement(expected), MathF.BitIncrement(expected));
    }

    [Fact]
    public void Apply_AnyMoments_NeverChangesTheOrder()
    {
        var random = new Random(21);
        for (var round = 0; round < 300; round++)
        {
            var calibrator = new MeanVarianceCalibrator(
                new Moments(Spread(random), Math.Abs(Spread(random))), new Moments(Spread(random), Math.Abs(Spread(random))));
            var scores = Enumerable.Range(0, 200).Select(_ => (float)Spread(random)).Order().ToArray();
            for (var i = 1; i < scores.Length; i++)
            {
                Assert.True(calibrator.Apply(scores[i - 1]) <= calibrator.Apply(scores[i]), $"{scores[i - 1]:R} and {scores[i]:R} of round {round}");
            }
        }
    }

    // Any sign, and magnitudes from 1e-6 to 1e6.
    private static double Spread(Random random) => (random.NextDouble() - 0.5) * Math.Pow(10, random.Next(-6, 7)) + 1e-9;
}

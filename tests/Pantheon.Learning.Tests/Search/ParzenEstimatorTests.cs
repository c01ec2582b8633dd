using Pantheon.Learning.Metrics;
using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

public sealed class ParzenEstimatorTests
{
    [Fact]
    public void Widths_ThreeObservations_AreDistancesToNeighboursClipped()
    {
        // Sorted with the prior's 5 in it: 1, 4, 5, 9. Narrowest allowed: 10 / (2 + 3).
        var estimator = new ParzenEstimator([[9, 1, 4]], [0], [10], multivariate: false);

        Assert.Equal([9, 1, 4, 5], estimator.Centres[0]);
        Assert.Equal([4, 3, 3, 10], estimator.Widths[0]);
        Assert.Equal([0.25, 0.25, 0.25, 0.25], estimator.Weights);
    }

    [Fact]
    public void Widths_CloseObservations_AreAtLeastTheMagicClip()
    {
        var estimator = new ParzenEstimator([[5.01, 5.02]], [0], [10], multivariate: false);

        Assert.Equal([2.5, 2.5, 10], estimator.Widths[0]);
    }

    [Fact]
    public void Widths_ManyObservations_AreAtLeastAHundredthOfTheRange()
    {
        double[] observations = [.. Enumerable.Range(0, 500).Select(place => place / 50.0)];

        var estimator = new ParzenEstimator([observations], [0], [10], multivariate: false);

        Assert.Equal(0.1, estimator.Widths[0].Min(), 1e-12);
    }

    [Fact]
    public void Widths_Multivariate_AreScottsTimesAFifthOfTheRange()
    {
        var estimator = new ParzenEstimator([[1, 2, 3], [10, 10, 30]], [0, 0], [10, 100], multivariate: true);

        double scott = 0.2 * Math.Pow(3, -1 / 6.0);
        Assert.Equal(Math.Max(scott * 10, 2), estimator.Widths[0][1], 1e-12);
        Assert.Equal(Math.Max(scott * 100, 20), estimator.Widths[1][0], 1e-12);
        Assert.Equal(100, estimator.Widths[1][3]);
    }

    [Fact]
    public void Weights_TwentyNineObservations_RampForTheOldestFour()
    {
        double[] observations = new double[29];
        Array.Fill(observations, 1);

        double[] weights = new ParzenEstimator([observations], [0], [10], multivariate: false).Weights;

        double[] raw = [1 / 29.0, (1 / 29.0) + (28 / 29.0 / 3), (1 / 29.0) + (28 / 29.0 * 2 / 3), 1];
        double total = raw.Sum() + 25 + 1;
        for (int observation = 0; observation < 4; observation++)
        {
            Assert.Equal(raw[observation] / total, weights[observation], 1e-15);
        }

        Assert.Equal(1 / total, weights[4], 1e-15);
        Assert.Equal(1 / total, weights[29], 1e-15);
    }

    [Fact]
    public void Weights_OneOverTwentyFive_OldestIsOneOverCount()
    {
        double[] weights = new ParzenEstimator([new double[26]], [-1], [1], multivariate: false).Weights;

        Assert.Equal(1 / 26.0, weights[0] / weights[1], 1e-15);
    }

    [Fact]
    public void LogDensity_OneObservation_EqualsTruncatedNormalsByHand()
    {
        var estimator = new ParzenEstimator([[2]], [0], [10], multivariate: false);

        // Kernel at 2 of width 10/3, prior at 5 of width 10, both renormalised to 0..10, half each.
        double Kernel(double x, double centre, double width) =>
            Math.Exp(-0.5 * Math.Pow((x - centre) / width, 2)) / (width * Math.Sqrt(2 * Math.PI)) /
            (NormalMass.Below((10 - centre) / width) - NormalMass.Below(-centre / width));
        double expected = Math.Log((0.5 * Kernel(3, 2, 10 / 3.0)) + (0.5 * Kernel(3, 5, 10)));

        Assert.Equal(expected, estimator.LogDensity([3]), 1e-12);
    }

    [Fact]
    public void LogDensity_NoObservations_IsThePriorAlone()
    {
        var estimator = new ParzenEstimator([[]], [0], [1], multivariate: false);

        Assert.Equal([1], estimator.Weights);
        Assert.Equal(estimator.LogDensity([0.25]), estimator.LogDensity([0.75]), 1e-12);
        Assert.True(estimator.LogDensity([0.5]) > estimator.LogDensity([0.1]));
    }

    [Fact]
    public void LogDensity_OverTheRange_IntegratesToOne()
    {
        var random = new Random(1);
        double[][] observations =
        [
            [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble() * 4)],
            [.. Enumerable.Range(0, 40).Select(_ => random.NextDouble() - 3)],
        ];
        foreach (bool multivariate in (bool[])[false, true])
        {
            var estimator = new ParzenEstimator(observations, [0, -3], [4, -2], multivariate);
            double sum = 0;
            const int Steps = 200;
            for (int x = 0; x < Steps; x++)
            {
                for (int y = 0; y < Steps; y++)
                {
                    sum += Math.Exp(estimator.LogDensity([(x + 0.5) * 4 / Steps, ((y + 0.5) / Steps) - 3])) * 4 / (Steps * Steps);
                }
            }

            Assert.Equal(1, sum, 1e-3);
        }
    }

    [Fact]
    public void Draw_ManyPoints_HaveTheDensity()
    {
        var estimator = new ParzenEstimator([[0.5, 9, 9.5]], [0], [10], multivariate: false);
        var random = new SplitMix(1, 2);
        double[] shares = new double[10];
        double[] point = new double[1];
        const int Draws = 200_000;
        for (int draw = 0; draw < Draws; draw++)
        {
            estimator.Draw(ref random, point);
            shares[(int)point[0]] += 1.0 / Draws;
        }

        for (int cell = 0; cell < 10; cell++)
        {
            double expected = 0;
            for (int step = 0; step < 100; step++)
            {
                expected += Math.Exp(estimator.LogDensity([cell + ((step + 0.5) / 100)])) / 100;
            }

            Assert.Equal(expected, shares[cell], 0.005);
        }
    }
}

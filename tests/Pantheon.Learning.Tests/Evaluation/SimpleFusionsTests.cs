using Pantheon.Learning.Evaluation;

namespace Pantheon.Learning.Tests.Evaluation;

public sealed class SimpleFusionsTests
{
    private static readonly float[][] s_pxtrs = [[0.5f, 0.1f, 0f], [0.2f, 0.9f, 1f]];

    [Fact]
    public void Product_IsTheLogarithmOfEq3() =>
        Assert.All(SimpleFusions.Product(s_pxtrs).Zip([1.5 * 1.2, 1.1 * 1.9, 2.0]), pair => Assert.Equal(Math.Log(pair.Second), pair.First, 1e-6));

    [Fact]
    public void LogLinear_Zero_IsFloored() =>
        Assert.All(SimpleFusions.LogLinear(s_pxtrs).Zip([0.5 * 0.2, 0.1 * 0.9, 1e-6]), pair => Assert.Equal(Math.Log(pair.Second), pair.First, 1e-5));

    [Fact]
    public void Linear_IsTheWeightedSum() =>
        Assert.All(SimpleFusions.Linear(s_pxtrs, [1, 3]).Zip([1.1, 2.8, 3.0]), pair => Assert.Equal(pair.Second, pair.First, 1e-6));
}

using Pantheon.Learning.Training;
using Pantheon.Modeling;

namespace Pantheon.Learning.Tests.Training;

public sealed class HeadWeightsTests
{
    private static readonly string[] s_objectives = ["is_click", "is_like"];

    [Fact]
    public void Of_NoneGiven_AreTheInverseRatesNormalised() =>
        Assert.Equal([0.2f, 0.8f], HeadWeights.Of(new HeadOptions(), s_objectives, [0.4f, 0.1f]));

    // Of groups of two, both classes are in 2 p (1 - p): 0.48 and 0.18 of them.
    [Fact]
    public void Of_NoneGivenForPairs_AreTheInverseSharesOfGroupsThatCount()
    {
        var weights = HeadWeights.Of(new HeadOptions { Loss = HeadLoss.Pairwise }, s_objectives, [0.4f, 0.1f], group: 2);

        Assert.Equal(0.18 / 0.66, weights[0], 1e-6);
        Assert.Equal(0.48 / 0.66, weights[1], 1e-6);
    }

    [Fact]
    public void Of_Given_AreNormalised() => Assert.Equal(
        [0.75f, 0.25f], HeadWeights.Of(new HeadOptions { Weights = new Dictionary<string, double> { ["is_like"] = 1, ["is_click"] = 3 } }, s_objectives, [0.4f, 0.1f]));

    [Theory]
    [InlineData("is_click", 1.0, "objective 'is_like' has no weight above 0")]
    [InlineData("is_share", 1.0, "a weight of 'is_share' came; expected the objectives is_click, is_like")]
    public void Of_WrongOnes_AreRefusedByName(string name, double weight, string reason)
    {
        var head = new HeadOptions { Name = "h", Weights = new Dictionary<string, double> { [name] = weight } };

        var error = Assert.Throws<ArgumentException>(() => HeadWeights.Of(head, s_objectives, [0.4f, 0.1f]));

        Assert.Equal($"head 'h': {reason}", error.Message);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-1)]
    [InlineData(double.NaN)]
    [InlineData(double.PositiveInfinity)]
    public void Of_WeightThatIsNotPositive_IsRefused(double weight)
    {
        var head = new HeadOptions { Weights = new Dictionary<string, double> { ["is_click"] = 1, ["is_like"] = weight } };

        Assert.Throws<ArgumentException>(() => HeadWeights.Of(head, s_objectives, [0.4f, 0.1f]));
    }
}

using Pantheon.Learning.Training;
using Pantheon.Modeling.Layers;

namespace Pantheon.Learning.Tests.Training;

public sealed class ParameterBuffersTests
{
    [Fact]
    public void New_SameSeed_GivesTheSameValuesWhateverElseThereIs()
    {
        var weight = new ParameterSpec("a/weight", [30, 20], Initialization.Glorot, IsTable: false);
        var table = new ParameterSpec("b/table", [100, 8], Initialization.Embedding, IsTable: true);

        var alone = new ParameterBuffers([weight], 7);
        var both = new ParameterBuffers([table, weight], 7);
        var other = new ParameterBuffers([weight], 8);

        Assert.Equal(alone["a/weight"], both["a/weight"]);
        Assert.NotEqual(alone["a/weight"], other["a/weight"]);
        Assert.Equal(600, alone.Count);
    }

    [Fact]
    public void New_EachInitialization_HasItsSpread()
    {
        var buffers = new ParameterBuffers(
            [
                new("w", [300, 200], Initialization.Glorot, false), new("t", [1000, 16], Initialization.Embedding, true),
                new("b", [9], Initialization.Zeros, false), new("s", [9], Initialization.Ones, false),
            ],
            1);

        var limit = Math.Sqrt(6.0 / 500);
        Assert.All(buffers["w"], value => Assert.InRange(value, -limit, limit));
        // A uniform distribution over +-limit has limit / sqrt(3) of deviation; 60,000 draws leave it some 0.3 % of error.
        Assert.Equal(limit / Math.Sqrt(3), Deviation(buffers["w"]), limit * 0.01);
        Assert.Equal(0.05, Deviation(buffers["t"]), 0.002);
        Assert.All(buffers["b"], value => Assert.Equal(0, value));
        Assert.All(buffers["s"], value => Assert.Equal(1, value));
    }

    private static double Deviation(float[] values) => Math.Sqrt(values.Average(value => (double)value * value));
}

using Pantheon.Modeling.Features;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

public sealed class FeatureTransformsTests
{
    [Fact]
    public void Evidence_NothingSeen_IsZero() => Assert.All(Evidence([0, 0, 0]), value => Assert.Equal(0, value, 1e-6f));

    [Fact]
    public void Evidence_Counts_AreLogOddsOverThePrior()
    {
        const double Strength = 10;
        double[] priors = [0.3, 0.02];
        double[] counts = [50, 4];

        var evidence = Evidence([100, 50, 4]);

        Assert.Equal(Math.Log(101) / 4, evidence[0], 1e-5);
        for (var objective = 0; objective < 2; objective++)
        {
            var rate = (counts[objective] + (Strength * priors[objective])) / (100 + Strength);
            var expected = Math.Log(rate / (1 - rate)) - Math.Log(priors[objective] / (1 - priors[objective]));
            Assert.Equal(expected, evidence[1 + objective], 1e-5);
        }
    }

    [Fact]
    public void Evidence_MorePositivesThanExposures_IsFinite() => Assert.All(Evidence([1, 5, 2]), value => Assert.True(float.IsFinite(value)));

    private static float[] Evidence(float[] counts)
    {
        var graph = new GraphBuilder();
        graph.Output("y", FeatureTransforms.Evidence(graph.Input("x", OnnxElementType.Float, "n", 3), [0.3f, 0.02f], 10));
        using var trial = GraphTrial.Load(graph.Build());
        return trial.Run(new Dictionary<string, TensorValue> { ["x"] = TensorValue.Of(counts, [1, 3]) }, ["y"])[0].Floats!;
    }
}

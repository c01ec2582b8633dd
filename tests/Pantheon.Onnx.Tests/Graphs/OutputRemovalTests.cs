using Pantheon.Onnx.Building;
using Pantheon.Onnx.Formulas;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Graphs;

public sealed class OutputRemovalTests
{
    private static readonly float[] s_values = [0.25f, 0.5f, 1f];

    [Fact]
    public void Without_Output_TakesWhatOnlyItNeeds()
    {
        var graph = new GraphBuilder();
        var value = graph.Input("x", OnnxElementType.Float, "n");
        var shared = value.Sigmoid();
        graph.Output("score", (shared + graph.Constant([1f, 2f, 3f], 3)).Tanh());
        graph.Output("pxtr", shared * 0.5f);
        var model = graph.Build();

        var rest = model.Without("score");

        Assert.Equal(["pxtr"], rest.Outputs.Select(output => output.Name));
        Assert.Equal(["Sigmoid", "Mul"], rest.Proto.Graph.Node.Select(node => node.OpType).Where(type => type is not ("Identity" or "Constant")));
        Assert.Equal(Run(model, "pxtr"), Run(rest, "pxtr"));
        Assert.Equal(2, model.Outputs.Count);
        Assert.DoesNotContain(rest.Proto.Graph.Initializer, tensor => tensor.Dims is [3]);
    }

    [Fact]
    public void Without_OutputThatOthersRead_FreesItsName()
    {
        var graph = new GraphBuilder();
        var score = graph.Output("score", graph.Input("x", OnnxElementType.Float, "n").Sigmoid());
        graph.Output("pxtr", score * 0.5f);
        var model = graph.Build();

        var rest = model.Without("score");
        var fused = FusionFormula.Parse("2 * p", ["p"]).AppendTo(rest, ["pxtr"], "score");

        Assert.Equal(Run(model, "pxtr"), Run(rest, "pxtr"));
        Assert.Equal(Run(model, "score"), Run(fused, "score"));
    }

    [Fact]
    public void Without_InputThatNobodyReadsAnyMore_KeepsIt()
    {
        var graph = new GraphBuilder();
        var (x, y) = (graph.Input("x", OnnxElementType.Float, "n"), graph.Input("y", OnnxElementType.Float, "n"));
        graph.Output("score", x + y);
        graph.Output("pxtr", x.Sigmoid());

        Assert.Equal(["x", "y"], graph.Build().Without("score").Inputs.Select(input => input.Name));
    }

    [Theory]
    [InlineData("other")]
    [InlineData("score")]
    public void Without_NoSuchOutputOrTheOnlyOne_IsRefused(string output)
    {
        var graph = new GraphBuilder();
        graph.Output("score", graph.Input("x", OnnxElementType.Float, "n").Sigmoid());

        Assert.Throws<OnnxFormatException>(() => graph.Build().Without(output));
    }

    [Fact]
    public void WithRows_UserOfOneRow_TakesOneForEveryCandidate()
    {
        var graph = new GraphBuilder();
        var user = graph.Input("user", OnnxElementType.Float, 1, 2, 3);
        var weights = graph.Parameter("weights", 3, 1);
        graph.Output("score", user.Linear(weights, null).ReduceSum([1, 2]) + graph.Input("x", OnnxElementType.Float, "n"));
        var model = graph.Build(_ => new float[] { 1, 10, 100 });

        var rows = model.WithRows(["user"]);

        using var trial = GraphTrial.Load(rows);
        var scores = trial.Run(
            new Dictionary<string, TensorValue>
            {
                ["user"] = TensorValue.Of([1f, 2, 3, 4, 5, 6, 7, 8, 9, 0, 1, 2], [2, 2, 3]),
                ["x"] = TensorValue.Of([0.5f, 0.25f], [2]),
            },
            ["score"])[0];
        Assert.Equal([975.5f, 1197.25f], scores.Floats!);
        Assert.Throws<OnnxFormatException>(() => model.WithRows(["none"]));
    }

    private static float[] Run(OnnxModel model, string output)
    {
        using var trial = GraphTrial.Load(model);
        return trial.Run(new Dictionary<string, TensorValue> { ["x"] = TensorValue.Of(s_values, [3]) }, [output])[0].Floats!;
    }
}

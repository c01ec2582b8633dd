using System.Runtime.InteropServices;
using Google.Protobuf;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Building;

/// <summary>Graphs that another framework wrote, read, cut, extended and differentiated: the demo model is PyTorch's export.</summary>
public sealed class LoadedGraphTests
{
    private const int Candidates = 5;
    private const string Logits = "/Concat_2_output_0";
    private const string Fused = "/Concat_3_output_0";

    private static readonly OnnxModel s_shipped = OnnxModel.Load(ShippedModel());

    [Fact]
    public void From_Export_KnowsTheShapeOfEveryValue()
    {
        var graph = GraphBuilder.From(s_shipped);
        string[] names = [.. graph.Nodes.Where(node => node.OpType != "Constant").SelectMany(node => node.Output)];
        foreach (var name in names)
        {
            graph.Output($"see/{name}", graph[name]);
        }

        using var trial = GraphTrial.Load(graph.Build());
        var results = trial.Run(Feed(), [.. names.Select(name => $"see/{name}")]);

        Assert.True(names.Length > 40);
        Assert.All(names.Zip(results), pair => Assert.Equal(
            pair.Second.Shape, graph[pair.First].Shape.Select(size => size.Value ?? (size.Symbol == "candidates" ? Candidates : -1))));
    }

    [Fact]
    public void From_CutAtAnInnerValue_ExtendedAndDifferentiated_Learns()
    {
        var graph = GraphBuilder.From(s_shipped);
        var states = graph[Fused].StopGradient();
        var width = (int)states.Size(1);
        var weight = graph.Parameter("head/weight", width, 3);
        var last = graph.Parameter("head/last", 3, 1);
        var logit = states.Linear(weight, null).Tanh().Linear(last, null);
        var labels = graph.Input("labels", OnnxElementType.Float, "candidates", 1);
        var loss = graph.Output("loss", logit.BinaryCrossEntropy(labels).ReduceMean());
        var gradients = Gradients.Of(loss, [weight, last]);
        graph.Output("d/weight", gradients[0].Dense!);
        graph.Output("d/last", gradients[1].Dense!);
        graph.Output("pxtr_again", graph[Logits].Sigmoid());
        var random = new Random(2);
        float[][] values = [Draw(random, width * 3), Draw(random, 3)];

        using var folder = new TemporaryFolder();
        var model = graph.Build();
        model.Save(folder.PathOf("learn.onnx"));
        graph.Build(name => values[name == "head/last" ? 1 : 0]).Save(folder.PathOf("serve.onnx"));
        ForeignPython.CheckModels("check", folder.PathOf("learn.onnx"), folder.PathOf("serve.onnx"));
        // What only the old score needed is gone, the operator set is ours, and what was there is as it was.
        Assert.DoesNotContain(model.Proto.Graph.Initializer, tensor => tensor.Name.StartsWith("en.", StringComparison.Ordinal));
        Assert.Equal(17, model.OpsetVersion);
        using var shipped = GraphTrial.Load(s_shipped);
        using var trial = GraphTrial.Load(model);
        float[] truth = [1, 0, 1, 1, 0];
        TensorValue[] Run()
        {
            var feed = Feed();
            feed["labels"] = TensorValue.Of(truth, [Candidates, 1]);
            feed["head/weight"] = TensorValue.Of(values[0], [width, 3]);
            feed["head/last"] = TensorValue.Of(values[1], [3, 1]);
            return [.. trial.Run(feed, ["loss", "d/weight", "d/last", "pxtr_again"])];
        }

        var results = Run();
        Assert.Equal(shipped.Run(Feed(), ["pxtr"])[0].Floats!, results[3].Floats!);
        for (var parameter = 0; parameter < 2; parameter++)
        {
            foreach (var element in (int[])[0, 1, 2])
            {
                AssertSlope(values[parameter], element, results[1 + parameter].Floats![element], () => Run()[0].Floats![0]);
            }
        }
    }

    // Through all of PyTorch's nodes, down to its first layer and a table.
    [Theory]
    [InlineData("xu.weight", 70)]
    [InlineData("onnx::MatMul_100", 33)]
    [InlineData("gu.bias", 3)]
    [InlineData("ve.weight", 20)]
    public void Of_WeightsOfTheExport_AgreesWithFiniteDifferences(string name, int element)
    {
        var graph = GraphBuilder.From(s_shipped);
        var loss = graph.Output("loss", graph[Logits].ReduceSum());
        graph.Output("d", Gradients.Of(loss, [graph[name]])[0].Dense!);
        var model = graph.Build();
        var tensor = model.Proto.Graph.Initializer.Single(tensor => tensor.Name == name);
        var values = MemoryMarshal.Cast<byte, float>(tensor.RawData.ToByteArray()).ToArray();
        float[] Run(string output)
        {
            var copy = model.Proto.Clone();
            copy.Graph.Initializer.Single(tensor => tensor.Name == name).RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes<float>(values));
            using var trial = GraphTrial.Load(new OnnxModel(copy));
            return trial.Run(Feed(), [output])[0].Floats!;
        }

        var gradient = Run("d");

        Assert.Equal(values.Length, gradient.Length);
        Assert.Contains(gradient, value => value != 0);
        AssertSlope(values, element, gradient[element], () => Run("loss")[0]);
    }

    [Fact]
    public void From_OperatorThatWeDoNotKnow_HasAnUnknownShapeAndSaysSo()
    {
        var graph = GraphBuilder.From(new OnnxModel(Unknown(null)));

        Assert.Equal(
            "the shape of 'running' is not known; expected a value whose operators have shape rules", Assert.Throws<GraphBuildException>(() => graph["running"].Shape).Message);
        Assert.Contains("'running'", Assert.Throws<GraphBuildException>(() => graph["running"] * 2f).Message, StringComparison.Ordinal);
        Assert.Contains(
            "output 'again': the type of 'running' is not known", Assert.Throws<GraphBuildException>(() => graph.Output("again", graph["running"])).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void From_OperatorThatWeDoNotKnowWithADeclaredType_CanBeAnOutput()
    {
        var graph = GraphBuilder.From(new OnnxModel(Unknown(TestModel.Value("running", null))));
        graph.Output("again", graph["running"]);

        using var trial = GraphTrial.Load(graph.Build());

        Assert.Equal([1, 3, 6], trial.Run(new Dictionary<string, TensorValue> { ["x"] = TensorValue.Of([1f, 2, 3], [1, 3]) }, ["again"])[0].Floats!);
    }

    [Fact]
    public void From_OperatorThatWeDoNotKnowWithADeclaredShape_IsBuiltOn()
    {
        var graph = GraphBuilder.From(new OnnxModel(Unknown(TestModel.Value("running", ["n", 3]))));

        Assert.Equal("'after' Float [n,3]", graph["after"].ToString());
        Assert.Equal("[3]", $"[{string.Join(',', (graph["after"] * 2f).ReduceSum([0]).Shape)}]");
        var error = Assert.Throws<GraphBuildException>(() => Gradients.Of(graph["after"].ReduceSum(), [graph["x"]]));
        Assert.Equal("CumSum (node 'sum'): no rule for this operator", error.Message);
    }

    [Fact]
    public void From_ReshapeWhoseZeroIsASize_IsNotMisread()
    {
        var proto = Unknown(null);
        proto.Graph.Node.Clear();
        proto.Graph.Node.Add(new NodeProto
        {
            OpType = "Reshape",
            Name = "reshape",
            Input = { "x", "axis" },
            Output = { "running" },
            Attribute = { new AttributeProto { Name = "allowzero", Type = AttributeProto.Types.AttributeType.Int, I = 1 } },
        });
        proto.Graph.Output.Clear();
        proto.Graph.Output.Add(TestModel.Value("running", null));

        Assert.False(GraphBuilder.From(new OnnxModel(proto))["running"].HasShape);
    }

    // ONNX Runtime 1.29 takes any Transpose behind a Gemm for one that turns the matrix: there must be none that does not.
    [Fact]
    public void Transpose_InOrder_IsTheValueItself()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", OnnxElementType.Float, 2, 3);

        Assert.Same(x, x.Transpose(0, 1));
        Assert.Throws<GraphBuildException>(() => x.Transpose(0, 1, 2));
    }

    [Theory]
    [InlineData(12)]
    [InlineData(18)]
    public void From_OperatorSetThatWeDoNotWrite_IsRefused(int opset)
    {
        var error = Assert.Throws<GraphBuildException>(() => GraphBuilder.From(new OnnxModel(TestModel.Pxtrs(opset, ("pxtr", ["n", 2])))));

        Assert.Equal($"the model uses operator set {opset}; expected 13 to 17 (export it again)", error.Message);
    }

    [Fact]
    public void From_WeightsInAnotherFile_IsRefusedByItsName() =>
        Assert.Contains("expected all of them in the file itself", Assert.Throws<GraphBuildException>(() => GraphBuilder.From(Fixture.Load("external.onnx"))).Message, StringComparison.Ordinal);

    // x [n,3] -> CumSum along axis 1 -> running -> Neg -> after.
    private static ModelProto Unknown(ValueInfoProto? declared)
    {
        var model = TestModel.Pxtrs(16);
        model.Graph.Input.Add(TestModel.Value("x", ["n", 3]));
        model.Graph.Initializer.Add(new TensorProto { Name = "axis", DataType = (int)OnnxElementType.Int64, Int64Data = { 1 }, Dims = { 1 } });
        model.Graph.Node.Add(new NodeProto { OpType = "CumSum", Name = "sum", Input = { "x", "axis" }, Output = { "running" } });
        model.Graph.Node.Add(new NodeProto { OpType = "Neg", Name = "neg", Input = { "running" }, Output = { "after" } });
        model.Graph.Output.Add(TestModel.Value("after", null));
        if (declared is not null)
        {
            model.Graph.ValueInfo.Add(declared);
        }

        return model;
    }

    private static void AssertSlope(float[] values, int element, float gradient, Func<float> loss)
    {
        const float Step = 1f / 256;
        var before = values[element];
        double At(float by)
        {
            values[element] = before + by;
            return loss();
        }

        var expected = (At(Step) - At(-Step)) / (2 * Step);
        values[element] = before;
        Assert.True(Math.Abs(expected - gradient) <= 5e-3 * (0.1 + Math.Abs(expected)), $"{gradient}; finite differences say {expected}");
    }

    private static float[] Draw(Random random, int count) => [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 0.6f)];

    private static Dictionary<string, TensorValue> Feed() => new()
    {
        ["user_id"] = TensorValue.Of([3L], [1]),
        ["user_dense"] = TensorValue.Of([0.1f, 0.5f, -0.2f, 0.3f, 0.9f, 0.4f, 0.7f], [1, 7]),
        ["item_id"] = TensorValue.Of([1L, 2, 700, 0, 1854], [Candidates]),
        ["item_dense"] = TensorValue.Of([2.5f, 0.1f, 3, 0.5f, 2, 0.9f, 4, 0.3f, 1, 0.7f], [Candidates, 2]),
    };

    private static string ShippedModel()
    {
        var folder = AppContext.BaseDirectory;
        while (!File.Exists(Path.Combine(folder, "Pantheon.Serving.sln")))
        {
            folder = Path.GetDirectoryName(folder) ?? throw new InvalidOperationException("these tests run inside the project");
        }

        return Path.Combine(folder, "models", "kuairand", "1", "model.onnx");
    }
}

using Pantheon.Onnx.Building;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Graphs;

/// <summary>What makes somebody else's graph one to build onto.</summary>
public sealed class InnerNamesTests
{
    private static readonly Dictionary<string, TensorValue> s_feed = new() { ["x"] = TensorValue.Of([1f, 2], [2]), ["unused"] = TensorValue.Of([9f, 9], [2]) };

    [Fact]
    public void WithInnerPrefix_GraphWithABranch_KeepsItsInputsNamesAndWhatItGives()
    {
        var model = new OnnxModel(Branching());

        var prefixed = model.WithInnerPrefix("their/");

        Assert.Equal(["x", "unused"], prefixed.Inputs.Select(input => input.Name));
        Assert.Equal(["their/y"], prefixed.Outputs.Select(output => output.Name));
        using var before = GraphTrial.Load(model);
        using var after = GraphTrial.Load(prefixed);
        Assert.Equal([3f, 5], before.Run(s_feed, ["y"])[0].Floats!);
        Assert.Equal([3f, 5], after.Run(s_feed, ["their/y"])[0].Floats!);
        var graph = GraphBuilder.From(prefixed);
        Assert.All((string[])["double", "one", "y", "sum"], name => Assert.False(graph.Contains(name)));
        // The names that are free now can be given to others, in the same graph.
        graph.Output("y", graph["their/double"] * 3f);
        using var extended = GraphTrial.Load(graph.Build(keepInputs: true));
        Assert.Equal([6f, 12], extended.Run(s_feed, ["y"])[0].Floats!);
    }

    [Fact]
    public void WithEveryValue_ValuesInside_AreOutputsOfTheirTypes()
    {
        using var trial = GraphTrial.Load(new OnnxModel(Branching()).WithEveryValue());

        Assert.Equal(["y", "double", "yes"], trial.Outputs.Select(output => output.Name));
        Assert.Equal([TensorElement.Float, TensorElement.Float, TensorElement.Other], trial.Outputs.Select(output => output.Element));
        Assert.Equal([2f, 4], trial.Run(s_feed, ["double"])[0].Floats!);
    }

    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public void Build_InputThatNothingNeeds_StaysWhereItIsAskedFor(bool keep)
    {
        var graph = GraphBuilder.From(new OnnxModel(Branching()));
        graph.Output("out", graph["double"]);

        Assert.Equal(keep ? ["x", "unused"] : ["x"], graph.Build(keepInputs: keep).Inputs.Select(input => input.Name));
    }

    [Fact]
    public void Declare_ShapeThatOnlyARunTells_IsBuiltOn()
    {
        var graph = GraphBuilder.From(new OnnxModel(Branching()));

        var declared = graph.Declare("y", OnnxElementType.Float, "n");

        Assert.Equal("'y' Float [n]", (graph["y"] * 2f).Graph["y"].ToString());
        Assert.Same(declared, graph["y"]);
        Assert.Throws<GraphBuildException>(() => graph.Declare("none", OnnxElementType.Float, "n"));
    }

    // y = 2 x + 1, the sum in the branch of a condition that always holds.
    private static ModelProto Branching()
    {
        var branch = new GraphProto { Name = "branch", Output = { TestModel.Value("sum", null) } };
        branch.Initializer.Add(new TensorProto { Name = "one", DataType = (int)OnnxElementType.Float, FloatData = { 1f } });
        branch.Node.Add(new NodeProto { OpType = "Add", Name = "add", Input = { "double", "one" }, Output = { "sum" } });
        AttributeProto Branch(string name) => new() { Name = name, Type = AttributeProto.Types.AttributeType.Graph, G = branch };
        var graph = new GraphProto { Name = "branching", Input = { TestModel.Value("x", ["n"]), TestModel.Value("unused", ["n"]) }, Output = { TestModel.Value("y", null) } };
        graph.Initializer.Add(new TensorProto { Name = "always", DataType = (int)OnnxElementType.Bool, Int32Data = { 1 } });
        graph.Node.Add(new NodeProto { OpType = "Add", Name = "twice", Input = { "x", "x" }, Output = { "double" } });
        graph.Node.Add(new NodeProto { OpType = "Identity", Name = "same", Input = { "always" }, Output = { "yes" } });
        graph.Node.Add(new NodeProto { OpType = "If", Name = "if", Input = { "yes" }, Output = { "y" }, Attribute = { Branch("then_branch"), Branch("else_branch") } });
        return new ModelProto { IrVersion = 8, OpsetImport = { new OperatorSetIdProto { Version = 14 } }, Graph = graph };
    }
}

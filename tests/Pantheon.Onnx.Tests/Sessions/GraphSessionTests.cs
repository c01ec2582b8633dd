using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Sessions;

/// <summary>Over the graphs of Pantheon.Scoring.Tests/python/make_fixtures.py.</summary>
public sealed class GraphSessionTests
{
    private static readonly GraphSessionOptions Options = new();

    [Fact]
    public void Load_NoNamesGiven_TakesTheGraphsOwn()
    {
        using var session = Load("rank");
        Assert.Equal(["user_id", "user_dense", "item_id", "item_dense"], session.Inputs.Select(input => input.Name));
        Assert.Equal(["score", "pxtr"], session.Outputs.Select(output => output.Name));
        Assert.Equal([TensorElement.Int64, TensorElement.Float, TensorElement.Int64, TensorElement.Float], session.Inputs.Select(input => input.Element));
        Assert.Equal([null, 2], session.Inputs[3].Shape);
        Assert.Equal([1, 4], session.Inputs[1].Shape);
        Assert.Equal([null], session.Outputs[0].Shape);
    }

    [Fact]
    public void Load_NamesGiven_KeepsTheirOrder()
    {
        using var session = GraphSession.Load(PathOf("rank"), Options, ["item_dense", "item_id"], ["pxtr"]);
        Assert.Equal(["item_dense", "item_id"], session.Inputs.Select(input => input.Name));
        Assert.Equal(["pxtr"], session.Outputs.Select(output => output.Name));
        Assert.Equal(["user_id", "user_dense", "item_id", "item_dense"], session.DeclaredInputs);
    }

    [Fact]
    public void Load_UnknownNames_SaysWhatTheGraphHas()
    {
        var input = Assert.Throws<GraphException>(() => GraphSession.Load(PathOf("echo"), Options, ["y"]));
        Assert.Equal("the graph has no input 'y'; it has x", input.Message);
        var output = Assert.Throws<GraphException>(() => GraphSession.Load(PathOf("echo"), Options, ["x"], ["y"]));
        Assert.Equal("the graph has no output 'y'; it has score", output.Message);
    }

    [Fact]
    public void Load_NotOnnx_Throws()
    {
        var error = Assert.Throws<GraphException>(() => Load("not-onnx"));
        Assert.StartsWith("ONNX Runtime cannot load not-onnx.onnx: ", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoSuchFile_Throws() => Assert.Throws<GraphException>(() => Load("nowhere"));

    [Fact]
    public void Load_NoThreads_Throws() =>
        Assert.Throws<ArgumentOutOfRangeException>(() => GraphSession.Load(PathOf("echo"), new GraphSessionOptions { IntraOpThreads = 0 }));

    [Fact]
    public void Rent_AfterDispose_GivesTheSameRun()
    {
        using var session = Load("echo");
        GraphRun first;
        using (first = session.Rent())
        {
            using var second = session.Rent();
            Assert.NotSame(first, second);
        }

        // Idle runs wait in line: the second came back first.
        using var third = session.Rent();
        using var again = session.Rent();
        Assert.Same(first, again);
    }

    private static GraphSession Load(string name) => GraphSession.Load(PathOf(name), Options);

    private static string PathOf(string name) => SessionFixture.PathOf(name);
}

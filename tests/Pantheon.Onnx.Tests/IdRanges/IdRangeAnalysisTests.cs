using Google.Protobuf;
using Microsoft.ML.OnnxRuntime;
using Microsoft.ML.OnnxRuntime.Tensors;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.IdRanges;

namespace Pantheon.Onnx.Tests.IdRanges;

public sealed class IdRangeAnalysisTests
{
    [Theory]
    [InlineData("ids-plain", 9)]
    [InlineData("ids-int32", 9)]
    [InlineData("ids-table-also-input", 9)]
    [InlineData("ids-two-tables", 6)]
    [InlineData("ids-shape-ops", 5)]
    [InlineData("ids-last-axis", 4)]
    [InlineData("ids-gather-elements", 9)]
    [InlineData("ids-transposed-table", 7)]
    [InlineData("ids-quantized-table", 8)]
    [InlineData("ids-narrow-cast", 127)]
    [InlineData("ids-concat", 9)]
    [InlineData("ids-slice-all", 9)]
    [InlineData("ids-slice-all-9", 9)]
    public void Find_ReachesAGatherUnchanged_IsItsRows(string name, long maximum)
    {
        var model = Fixture.Load(name + ".onnx");
        var findings = IdRangeAnalysis.Find(model);

        Assert.Equal(model.Inputs.Select(input => input.Name), findings.Select(finding => finding.Input));
        foreach (var finding in findings)
        {
            Assert.True(finding.IsDecided, finding.Reason);
            Assert.Equal((0, maximum), (finding.Minimum.Value, finding.Maximum.Value));
            Assert.Empty(finding.Notes);
        }

        // The runtime is the judge: the range's ends run, the value after it is refused.
        AssertRuntimeTakes(name, 0);
        AssertRuntimeTakes(name, maximum);
        // Narrowed to int8, 128 becomes -128, which Gather takes from the table's end: the very thing that the range keeps out.
        if (name != "ids-narrow-cast")
        {
            Assert.ThrowsAny<OnnxRuntimeException>(() => Run(name, maximum + 1));
        }
    }

    [Fact]
    public void Find_Decided_NamesTableAndNode() => Assert.Equal(
        "item_id indexes 't10' (10 rows) in Gather (node 'node_a') and 't7' (7 rows) in Gather (node 'node_b')",
        Finding("ids-two-tables").Reason);

    [Fact]
    public void Find_UnnamedNode_IsNamedByWhatItMakes()
    {
        var model = Fixture.Load("ids-plain.onnx").Proto.Clone();
        model.Graph.Node[0].ClearName();

        Assert.Contains("Gather (the node that makes 'y')", Assert.Single(IdRangeAnalysis.Find(new OnnxModel(model))).Reason, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("ids-mod", "item_id goes through Mod (node 'node_m') before Gather (node 'node_y') uses it; state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-offset", "item_id goes through Add (node 'node_m') before Gather (node 'node_y') uses it; state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-where", "item_id goes through Less (node 'node_l') and Where (node 'node_w') before Gather (node 'node_y') uses it; state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-computed-table", "item_id indexes a table whose size the file does not fix, in Gather (node 'node_y'); state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-number", "item_id is not seen to index a table: it goes to Cast to Float (node 'node_y'); if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-shape-only", "item_id is not used as an index of a table; if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-output", "item_id is not used as an index of a table; if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-one-hot", "item_id is not seen to index a table: it goes to OneHot (node 'node_y'); if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-as-shape", "item_id is not seen to index a table: it goes to Reshape (node 'node_y'); if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-gather-nd", "item_id is used by GatherND (node 'node_y') as positions along several dimensions; state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-other-domain", "item_id is not seen to index a table: it goes to com.example.Lookup (node 'lookup'); if only some of its values are valid, state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-captured", "item_id is used inside a subgraph of If (node 'choose'), which is not looked into; state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-empty-table", "item_id indexes a table without rows; no value of it is valid")]
    [InlineData("ids-columns", "parts of item_id go different ways ('t10' (10 rows) in Gather (node 'node_x'); 't7' (7 rows) in Gather (node 'node_z')); give each part its own input, or state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-split", "parts of item_id go different ways ('t10' (10 rows) in Gather (node 'node_x'); 't7' (7 rows) in Gather (node 'node_z')); give each part its own input, or state its range with --range item_id=MIN:MAX")]
    [InlineData("ids-column-used-as-number", "parts of item_id go different ways ('t10' (10 rows) in Gather (node 'node_x'); Cast to Float (node 'node_f')); give each part its own input, or state its range with --range item_id=MIN:MAX")]
    public void Find_NotDecidedByTheGraph_SaysWhy(string name, string reason)
    {
        var finding = Finding(name);

        Assert.False(finding.IsDecided);
        Assert.Null(finding.Minimum);
        Assert.Null(finding.Maximum);
        Assert.Equal(reason, finding.Reason);
    }

    [Theory]
    [InlineData("ids-mask", "item_id also goes to Equal (node 'node_m'), about which the range says nothing")]
    [InlineData("ids-captured-elsewhere", "item_id also goes to If (node 'choose'), about which the range says nothing")]
    [InlineData("ids-columns-equal", "only parts of item_id are seen to reach the table; the range is taken for all of it")]
    [InlineData("ids-sliced", "only parts of item_id are seen to reach the table; the range is taken for all of it")]
    public void Find_DecidedAndMore_NotesTheRest(string name, string note)
    {
        var finding = Finding(name);

        Assert.Equal(9, finding.Maximum);
        Assert.Equal([note], finding.Notes);
    }

    [Fact]
    public void Find_WholeToOneTableAndPartToASmallerOne_IsTheWholesWithANote()
    {
        var model = Fixture.Load("ids-columns.onnx").Proto.Clone();
        model.Graph.Node.Add(new NodeProto { OpType = "Gather", Name = "all", Input = { "t10", "item_id" }, Output = { "more" } });
        var finding = Assert.Single(IdRangeAnalysis.Find(new OnnxModel(model)));

        Assert.Equal(9, finding.Maximum);
        Assert.Equal(["a part of item_id also indexes 't7' (7 rows) in Gather (node 'node_z'), where only 0 to 6 is valid"], finding.Notes);
    }

    [Fact]
    public void Find_FloatInputs_AreLeftOut()
    {
        var model = new OnnxModel(TestModel.Pxtrs(16, ("pxtr", ["n", 2])));

        Assert.Empty(IdRangeAnalysis.Find(model));
    }

    [Fact]
    public void Find_LongChainAndLoops_Ends()
    {
        // Not a valid graph, but one that a file can hold.
        var model = Fixture.Load("ids-plain.onnx").Proto.Clone();
        string last = "item_id";
        for (int link = 0; link < 20_000; link++)
        {
            model.Graph.Node.Add(new NodeProto { OpType = "Concat", Input = { last, last }, Output = { $"v{link}" } });
            last = $"v{link}";
        }

        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "b" }, Output = { "a" } });
        model.Graph.Node.Add(new NodeProto { OpType = "Identity", Input = { "a" }, Output = { "b" } });
        model.Graph.Node.Add(new NodeProto { OpType = "Gather", Name = "end", Input = { "a", last }, Output = { "z" } });
        var finding = Assert.Single(IdRangeAnalysis.Find(new OnnxModel(model)));

        Assert.Equal(9, finding.Maximum);
        Assert.Equal(["item_id also indexes a table of unknown size in Gather (node 'end')"], finding.Notes);
    }

    private static IdRangeFinding Finding(string name) =>
        IdRangeAnalysis.Find(Fixture.Load(name + ".onnx")).Single(finding => finding.Input == "item_id");

    private static void AssertRuntimeTakes(string name, long value) => Assert.NotEmpty(Run(name, value));

    private static float[] Run(string name, long value)
    {
        var model = Fixture.Load(name + ".onnx");
        using var options = new SessionOptions { LogSeverityLevel = OrtLoggingLevel.ORT_LOGGING_LEVEL_FATAL };
        using var session = new InferenceSession(model.Proto.ToByteArray(), options);
        using var results = session.Run([.. model.Inputs.Select(input => Feed(input, value))]);
        return [.. results[0].AsTensor<float>()];
    }

    private static NamedOnnxValue Feed(TensorInfo input, long value)
    {
        int[] shape = [.. input.Shape!.Select(dimension => (int)(dimension.Value ?? 3))];
        int count = shape.Aggregate(1, (product, size) => product * size);
        return input.ElementType == OnnxElementType.Int32
            ? NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<int>(Enumerable.Repeat((int)value, count).ToArray(), shape))
            : NamedOnnxValue.CreateFromTensor(input.Name, new DenseTensor<long>(Enumerable.Repeat(value, count).ToArray(), shape));
    }
}

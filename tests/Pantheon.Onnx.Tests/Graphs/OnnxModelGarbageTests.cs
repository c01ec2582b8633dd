using Google.Protobuf;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.IdRanges;

namespace Pantheon.Onnx.Tests.Graphs;

public sealed class OnnxModelGarbageTests
{
    [Fact]
    public void Parse_NotAModel_SaysWhy()
    {
        Assert.Equal("it is empty", Reason([]));
        Assert.Equal("it is text that begins \"version https://git-lfs.github.com/spec/\"", Reason("version https://git-lfs.github.com/spec/v1\noid"u8));
        Assert.Contains("it is text", Reason("h"u8), StringComparison.Ordinal);
        Assert.Contains("zip archive", Reason("PK\u0003\u0004\0\0\0\0"u8), StringComparison.Ordinal);
        Assert.Contains("not a readable protobuf message", Reason([0xFF, 0xFF, 0xFF]), StringComparison.Ordinal);
        // A message of one unknown field.
        Assert.Contains("states no version of the format", Reason([0xC2, 0x3E, 0x01, 0x00]), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NotAModel_NamesTheFile()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder.PathOf("notes.onnx"), "what I did today");

        var exception = Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(folder.PathOf("notes.onnx")));
        Assert.Equal($"'{folder.PathOf("notes.onnx")}' cannot be used as an ONNX model: it is text that begins \"what I did today\"", exception.Message);
    }

    [Fact]
    public void Load_MoreThanTwoGibibytes_SaysSo()
    {
        using var folder = new TemporaryFolder();
        // A hole of that size takes no room on the disk.
        using (var file = File.Create(folder.PathOf("huge.onnx")))
        {
            file.SetLength(3L << 30);
        }

        var exception = Assert.Throws<OnnxFormatException>(() => OnnxModel.Load(folder.PathOf("huge.onnx")));
        Assert.Contains("3221225472 bytes", exception.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_ModelWithoutAPart_NamesThePart()
    {
        AssertReason(model => model.Graph = null, "it has no graph");
        AssertReason(model => model.ClearIrVersion(), "ir_version");
        AssertReason(model => model.OpsetImport.Clear(), "opset_import");
        AssertReason(model => model.OpsetImport[0].Domain = "com.microsoft", "opset_import");
        AssertReason(model => model.OpsetImport[0].ClearVersion(), "opset_import");
        AssertReason(model => model.Graph.Output.Clear(), "no outputs");
        AssertReason(model => model.Graph.Input[0].ClearName(), "input without a name");
        AssertReason(model => model.Graph.Output.Add(model.Graph.Output[0].Clone()), "two outputs named 'pxtr'");
    }

    [Fact]
    public void Parse_EveryTruncation_IsToldOrHarmless()
    {
        byte[] whole = File.ReadAllBytes(Fixture.PathOf("everything.onnx"));
        int told = 0;
        // The tail is the opset's and functions' fields, without which a shorter file may be a sound one.
        for (int length = 1; length < whole.Length; length++)
        {
            if (Outcome(whole[..length]) is { } reason && reason.Contains("truncated", StringComparison.Ordinal))
            {
                told++;
            }
        }

        // Nearly every cut falls inside the graph.
        Assert.True(told > whole.Length / 2, $"{told} of {whole.Length} cuts were called truncated");
    }

    [Theory]
    [InlineData("everything.onnx")]
    [InlineData("external.onnx")]
    [InlineData("ids-captured.onnx")]
    [InlineData("ids-slice-all.onnx")]
    [InlineData("ids-transposed-table.onnx")]
    public void Parse_DamagedBytes_IsAModelOrAFormatError(string name)
    {
        byte[] whole = File.ReadAllBytes(Fixture.PathOf(name));
        var random = new Random(7);
        for (int round = 0; round < 4000; round++)
        {
            byte[] damaged = [.. whole];
            for (int change = random.Next(1, 5); change > 0; change--)
            {
                damaged[random.Next(damaged.Length)] = (byte)random.Next(256);
            }

            Outcome(damaged);
        }
    }

    [Fact]
    public void Parse_RandomBytes_IsAFormatError()
    {
        var random = new Random(11);
        for (int round = 0; round < 20_000; round++)
        {
            byte[] bytes = new byte[random.Next(1, 200)];
            random.NextBytes(bytes);
            Assert.NotNull(Outcome(bytes));
        }
    }

    [Fact]
    public void Parse_NestedWithoutEnd_IsAFormatError()
    {
        // Types within types, 100,000 deep: in ModelProto, graph (7), input (11), type (2), then sequence (4), element (1) and so on.
        byte[] nested = [];
        var levels = new List<byte[]>();
        int length = 0;
        for (int level = 0; level < 100_000; level++)
        {
            byte[] head = Head(level % 2 == 0 ? 1 : 4, length);
            levels.Add(head);
            length += head.Length;
        }

        levels.Reverse();
        nested = [.. levels.SelectMany(head => head)];
        foreach (int field in new[] { 2, 11, 7 })
        {
            nested = [.. Head(field, nested.Length), .. nested];
        }

        Assert.Contains("not a readable protobuf message", Reason(nested), StringComparison.Ordinal);
        // Unknown groups within groups: field 999, wire type 3.
        Assert.NotNull(Outcome([.. Enumerable.Repeat(new byte[] { 0xBB, 0x3E }, 100_000).SelectMany(bytes => bytes)]));
    }

    [Fact]
    public void Parse_SubgraphsWithinSubgraphs_IsAFormatErrorWhenTooDeep()
    {
        Assert.Null(Outcome(Nested(20).ToByteArray()));
        Assert.NotNull(Outcome(Nested(60).ToByteArray()));
    }

    private static ModelProto Nested(int levels)
    {
        var model = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        var graph = model.Graph;
        for (int level = 0; level < levels; level++)
        {
            var inner = new GraphProto { Name = "inner" };
            var node = new NodeProto { OpType = "If", Attribute = { new AttributeProto { Name = "then_branch", G = inner } } };
            graph.Node.Add(node);
            graph = inner;
        }

        return model;
    }

    private static byte[] Head(int field, int length)
    {
        using var stream = new MemoryStream();
        using var output = new CodedOutputStream(stream);
        output.WriteTag(field, WireFormat.WireType.LengthDelimited);
        output.WriteLength(length);
        output.Flush();
        return stream.ToArray();
    }

    private static void AssertReason(Action<ModelProto> change, string reason)
    {
        var model = TestModel.Pxtrs(16, ("pxtr", ["n", 2]));
        change(model);
        Assert.Contains(reason, Reason(model.ToByteArray()), StringComparison.Ordinal);
    }

    private static string Reason(ReadOnlySpan<byte> bytes)
    {
        byte[] copy = bytes.ToArray();
        return Assert.Throws<OnnxFormatException>(() => OnnxModel.Parse(copy)).Message;
    }

    /// <summary>Null for a model, which must then be looked at and written without complaint; else the reason. Any other exception fails.</summary>
    private static string? Outcome(byte[] bytes)
    {
        try
        {
            var model = OnnxModel.Parse(bytes);
            IdRangeAnalysis.Find(model);
            Assert.NotEmpty(model.Proto.ToByteArray());
            return null;
        }
        catch (OnnxFormatException exception)
        {
            return exception.Message;
        }
    }
}

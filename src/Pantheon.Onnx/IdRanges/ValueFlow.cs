using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.IdRanges;

/// <summary>What becomes of a value's elements at one of its uses.</summary>
internal enum ValueFlow
{
    /// <summary>All of them come out unchanged, perhaps among others.</summary>
    Whole,

    /// <summary>Some of them come out unchanged.</summary>
    Part,

    /// <summary>They are positions along one axis of a table.</summary>
    Index,

    /// <summary>Only their number or arrangement is read.</summary>
    ShapeOnly,

    /// <summary>Anything else: what comes out, or what is read, depends on the elements' values in a way not followed.</summary>
    Other,
}

/// <summary>
/// Which operators only move elements. Semantics from the ONNX operator reference, which has not changed in this respect from opset 1
/// on. An operator that is not named here, or comes from another domain, counts as <see cref="ValueFlow.Other"/>.
/// </summary>
internal static class ValueFlows
{
    // Exporters write "to the end" as the largest int32 or int64.
    private const long ToTheEnd = int.MaxValue;

    public static ValueFlow At(NodeUse use, GraphIndex graph)
    {
        var node = use.Node;
        if (use.Slot == NodeUse.Captured || !ModelChecks.IsDefaultDomain(node.Domain))
        {
            return ValueFlow.Other;
        }

        return (node.OpType, use.Slot) switch
        {
            // Concat: the elements of the other inputs go their own way; these still come out as they are.
            ("Concat", _) => ValueFlow.Whole,
            ("Identity" or "Reshape" or "Squeeze" or "Unsqueeze" or "Flatten" or "Transpose" or "Expand" or "Tile", 0) => ValueFlow.Whole,
            ("Cast", 0) => LargestOf(node.IntegerAttribute("to")) is null ? ValueFlow.Other : ValueFlow.Whole,
            ("Slice", 0) => TakesAll(node, graph) ? ValueFlow.Whole : ValueFlow.Part,
            ("Gather" or "GatherElements" or "GatherND" or "Split", 0) => ValueFlow.Part,
            ("Gather" or "GatherElements", 1) => ValueFlow.Index,
            ("Shape" or "Size", 0) => ValueFlow.ShapeOnly,
            _ => ValueFlow.Other,
        };
    }

    /// <summary>Whether a use reads the value as positions, be it in a way whose range is not followed (GatherND).</summary>
    public static bool IsIndex(NodeUse use) =>
        use is { Slot: 1, Node.OpType: "Gather" or "GatherElements" or "GatherND" } && ModelChecks.IsDefaultDomain(use.Node.Domain);

    /// <summary>The largest value of an integer type (at most an int64's); null for other types.</summary>
    public static long? LargestOf(long? type) => (OnnxElementType?)type switch
    {
        OnnxElementType.Int4 => 7,
        OnnxElementType.UInt4 => 15,
        OnnxElementType.Int8 => sbyte.MaxValue,
        OnnxElementType.UInt8 => byte.MaxValue,
        OnnxElementType.Int16 => short.MaxValue,
        OnnxElementType.UInt16 => ushort.MaxValue,
        OnnxElementType.Int32 => int.MaxValue,
        OnnxElementType.UInt32 => uint.MaxValue,
        OnnxElementType.Int64 or OnnxElementType.UInt64 => long.MaxValue,
        _ => null,
    };

    /// <summary>A Slice that an exporter wrote for <c>x[:]</c>.</summary>
    private static bool TakesAll(NodeProto slice, GraphIndex graph)
    {
        // Attributes until opset 9, inputs since.
        long[]? starts = Setting("starts", 1), ends = Setting("ends", 2), steps = Setting("steps", 4);
        return starts is not null && starts.All(start => start == 0)
            && ends is not null && ends.All(end => end >= ToTheEnd)
            && (steps is null ? slice.Input.Count <= 4 || slice.Input[4].Length == 0 : steps.All(step => step == 1));

        long[]? Setting(string name, int slot) =>
            slice.AttributeNamed(name) is { } attribute ? [.. attribute.Ints]
            : slot < slice.Input.Count ? graph.ConstantIntegers(slice.Input[slot])
            : null;
    }
}

using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Typed = (Pantheon.Onnx.Graphs.OnnxElementType Type, System.Collections.Generic.IReadOnlyList<Pantheon.Onnx.Graphs.Dimension>? Shape);

namespace Pantheon.Onnx.Operators;

/// <summary>Reading by index. A table that is read by rows may also be given sparse gradients: see the differentiation.</summary>
internal static class Lookups
{
    public static IEnumerable<KeyValuePair<string, Operator>> Operators { get; } = new Dictionary<string, Operator>
    {
        ["Gather"] = new(InferGather, DifferentiateGather),
        ["ScatterND"] = new(call => [(call.Input(0).ElementType, call.Input(0).Shape)]),
        ["Size"] = new(_ => [(OnnxElementType.Int64, [])], _ => [null]),
    };

    private static Typed[] InferGather(OperatorCall call)
    {
        var (data, indices) = (call.Input(0), call.Input(1));
        var axis = call.Axis(call.Attribute("axis", 0L), data.Rank);
        call.Require(indices.ElementType is OnnxElementType.Int64 or OnnxElementType.Int32, $"its indices are {indices.ElementType}; expected integers");
        return [(data.ElementType, [.. data.Shape.Take(axis), .. indices.Shape, .. data.Shape.Skip(axis + 1)])];
    }

    // Dense: zeros of the table's shape, to which each row that was read adds its gradient.
    private static Tensor?[] DifferentiateGather(BackwardCall call)
    {
        var (data, indices) = (call.Input(0), call.Input(1));
        var axis = call.Axis(call.Attribute("axis", 0L), data.Rank);
        // The axis that was read, and what the indices made of it, in front.
        int[] front = [axis, .. Enumerable.Range(0, data.Rank).Where(other => other != axis)];
        int[] madeFront = [.. Enumerable.Range(axis, indices.Rank), .. Enumerable.Range(0, axis), .. Enumerable.Range(axis + indices.Rank, data.Rank - axis - 1)];
        var moved = axis == 0 ? data : data.Transpose(front);
        var updates = axis == 0 ? call.Gradient : call.Gradient.Transpose(madeFront);
        var sum = call.Graph.Apply(
            "ScatterND", [Attributes.Text("reduction", "add")], call.Graph.ZerosLike(moved), indices.Unsqueeze([indices.Rank]), updates);
        if (axis == 0)
        {
            return [sum, null];
        }

        var back = new int[data.Rank];
        for (var position = 0; position < front.Length; position++)
        {
            back[front[position]] = position;
        }

        return [sum.Transpose(back), null];
    }
}

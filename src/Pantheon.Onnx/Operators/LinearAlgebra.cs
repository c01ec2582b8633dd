using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Typed = (Pantheon.Onnx.Graphs.OnnxElementType Type, System.Collections.Generic.IReadOnlyList<Pantheon.Onnx.Graphs.Dimension>? Shape);

namespace Pantheon.Onnx.Operators;

/// <summary>Matrix products.</summary>
internal static class LinearAlgebra
{
    public static IEnumerable<KeyValuePair<string, Operator>> Operators { get; } = new Dictionary<string, Operator>
    {
        ["Gemm"] = new(InferGemm, DifferentiateGemm),
        ["MatMul"] = new(InferMatMul, DifferentiateMatMul),
    };

    // Y = alpha A' B' + beta C, with A' [n, k], B' [k, m] and C broadcast to [n, m].
    private static Typed[] InferGemm(OperatorCall call)
    {
        var (a, b) = (call.Input(0), call.Input(1));
        call.Require(a.Rank == 2 && b.Rank == 2, "it multiplies matrices only; expected 2 dimensions of each");
        RequireNumbersOfOneType(call);
        var (rows, inner) = call.Attribute("transA", 0L) == 0 ? (a.Shape[0], a.Shape[1]) : (a.Shape[1], a.Shape[0]);
        var (other, columns) = call.Attribute("transB", 0L) == 0 ? (b.Shape[0], b.Shape[1]) : (b.Shape[1], b.Shape[0]);
        call.Require(inner == other || inner.Value is null || other.Value is null, $"the inner dimensions are {inner} and {other}");
        IReadOnlyList<Dimension> shape = [rows, columns];
        if (call.Has(2))
        {
            var sum = Elementwise.Broadcasted(call, shape, call.Input(2).Shape);
            call.Require(sum.SequenceEqual(shape), $"what is added does not broadcast to [{rows},{columns}]");
        }

        return [(a.ElementType, shape)];
    }

    private static void RequireNumbersOfOneType(OperatorCall call)
    {
        for (var index = 0; index < call.InputCount; index++)
        {
            var type = call.Has(index) ? call.Input(index).ElementType : call.Input(0).ElementType;
            call.Require(type == call.Input(0).ElementType && type != OnnxElementType.Bool, $"input {index} is {type}; expected numbers of one type");
        }
    }

    private static Tensor?[] DifferentiateGemm(BackwardCall call)
    {
        var (a, b, dy) = (call.Input(0), call.Input(1), call.Gradient);
        var (transA, transB) = (call.Attribute("transA", 0L) != 0, call.Attribute("transB", 0L) != 0);
        var scaled = call.Attribute("alpha", 1f) is var alpha && alpha != 1 ? dy * alpha : dy;
        var da = transA ? b.Gemm(scaled, transLeft: transB, transRight: true) : scaled.Gemm(b, transRight: !transB);
        var db = transB ? scaled.Gemm(a, transLeft: true, transRight: transA) : a.Gemm(scaled, transLeft: !transA);
        if (!call.Has(2))
        {
            return [da, db];
        }

        var dc = call.ReduceTo(dy, 2);
        return [da, db, call.Attribute("beta", 1f) is var beta && beta != 1 ? dc * beta : dc];
    }

    private static Typed[] InferMatMul(OperatorCall call)
    {
        var (a, b) = (call.Input(0), call.Input(1));
        call.Require(a.Rank >= 2 && b.Rank >= 2, "it multiplies matrices or stacks of them; expected at least 2 dimensions");
        RequireNumbersOfOneType(call);
        call.Require(
            a.Shape[^1] == b.Shape[^2] || a.Shape[^1].Value is null || b.Shape[^2].Value is null,
            $"the inner dimensions are {a.Shape[^1]} and {b.Shape[^2]}");
        var stack = Elementwise.Broadcasted(call, [.. a.Shape.SkipLast(2)], [.. b.Shape.SkipLast(2)]);
        return [(a.ElementType, [.. stack, a.Shape[^2], b.Shape[^1]])];
    }

    private static Tensor?[] DifferentiateMatMul(BackwardCall call)
    {
        var (a, b, dy) = (call.Input(0), call.Input(1), call.Gradient);
        if (b.Rank == 2 && a.Rank > 2)
        {
            // One matrix for all rows: a single large product instead of a stack of small ones and their sum.
            var (rows, flat) = (a.Reshape([-1, a.Size(-1)]), dy.Reshape([-1, dy.Size(-1)]));
            return [dy.MatMul(b.SwapLast()), rows.Gemm(flat, transLeft: true)];
        }

        return [call.ReduceTo(dy.MatMul(b.SwapLast()), 0), call.ReduceTo(a.SwapLast().MatMul(dy), 1)];
    }
}

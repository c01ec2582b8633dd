using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Typed = (Pantheon.Onnx.Graphs.OnnxElementType Type, System.Collections.Generic.IReadOnlyList<Pantheon.Onnx.Graphs.Dimension>? Shape);

namespace Pantheon.Onnx.Operators;

/// <summary>Operators that see a whole axis at once.</summary>
internal static class Normalisations
{
    public static IEnumerable<KeyValuePair<string, Operator>> Operators { get; } = new Dictionary<string, Operator>
    {
        ["Softmax"] = new(InferSoftmax, call =>
        {
            var weighted = call.Gradient * call.Output;
            return [weighted - call.Output * weighted.ReduceSum([call.Attribute("axis", -1L)], keepDimensions: true)];
        }),
        ["LogSoftmax"] = new(InferSoftmax, call =>
            [call.Gradient - call.Output.Exp() * call.Gradient.ReduceSum([call.Attribute("axis", -1L)], keepDimensions: true)]),
        ["LayerNormalization"] = new(InferLayerNormalization, DifferentiateLayerNormalization),
    };

    private static Typed[] InferSoftmax(OperatorCall call)
    {
        call.RequireFloats(call.Input(0));
        call.Axis(call.Attribute("axis", -1L), call.Input(0).Rank);
        return [(call.Input(0).ElementType, call.Input(0).Shape)];
    }

    private static Typed[] InferLayerNormalization(OperatorCall call)
    {
        var from = call.Input(0);
        var axis = call.Axis(call.Attribute("axis", -1L), from.Rank);
        call.RequireFloats(from);
        call.Require(axis == from.Rank - 1, "it normalises the last axis only");
        call.Require(call.Input(1).Shape.SequenceEqual([from.Shape[axis]]), $"the scale is {call.Input(1)}; expected [{from.Shape[axis]}]");
        call.Require(
            !call.Has(2) || call.Input(2).Shape.SequenceEqual(call.Input(1).Shape), $"the shift is {(call.Has(2) ? call.Input(2) : null)}; expected the scale's shape");
        Dimension[] reduced = [.. from.Shape.Take(axis), 1];
        return [(from.ElementType, from.Shape), (OnnxElementType.Float, reduced), (OnnxElementType.Float, reduced)];
    }

    // With z = (x - mean) r and r = 1 / sqrt(variance + epsilon): dx = r (dz - mean(dz) - z mean(dz z)), dz = dy scale.
    private static Tensor?[] DifferentiateLayerNormalization(BackwardCall call)
    {
        var (x, scale, dy) = (call.Input(0), call.Input(1), call.Gradient);
        Dimension[] reduced = [.. x.Shape.SkipLast(1), 1];
        var mean = call.Graph.AddNodeOutput(call.Node, 1, OnnxElementType.Float, reduced);
        var inverse = call.Graph.AddNodeOutput(call.Node, 2, OnnxElementType.Float, reduced);
        var z = (x - mean) * inverse;
        var dz = dy * scale;
        var dx = inverse * (dz - dz.ReduceMean([-1], keepDimensions: true) - z * (dz * z).ReduceMean([-1], keepDimensions: true));
        return call.Has(2)
            ? [dx, call.ReduceTo(dy * z, 1), call.ReduceTo(dy, 2)]
            : [dx, call.ReduceTo(dy * z, 1)];
    }
}

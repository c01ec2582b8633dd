using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Typed = (Pantheon.Onnx.Graphs.OnnxElementType Type, System.Collections.Generic.IReadOnlyList<Pantheon.Onnx.Graphs.Dimension>? Shape);

namespace Pantheon.Onnx.Operators;

/// <summary>Sums and means along axes.</summary>
internal static class Reductions
{
    public static IEnumerable<KeyValuePair<string, Operator>> Operators { get; } = new Dictionary<string, Operator>
    {
        ["ReduceSum"] = new(Infer, call => [Spread(call), null]),
        ["ReduceMean"] = new(Infer, call => [Spread(call) / Count(call)]),
    };

    // Operator set 17: ReduceSum takes its axes as an input, ReduceMean as an attribute.
    private static int[] Axes(OperatorCall call)
    {
        var rank = call.Input(0).Rank;
        var given = call.Has(1) ? call.Integers(1) : call.Attributes("axes");
        call.Require(given is { Length: > 0 } || call.Attribute("noop_with_empty_axes", 0L) == 0, "without axes it would do nothing; expected axes");
        return given is { Length: > 0 } ? [.. given.Select(axis => call.Axis(axis, rank)).Order()] : [.. Enumerable.Range(0, rank)];
    }

    private static Typed[] Infer(OperatorCall call)
    {
        var from = call.Input(0);
        var axes = Axes(call);
        call.Require(from.ElementType != OnnxElementType.Bool, "its input is Bool; expected numbers");
        call.Require(axes.Distinct().Count() == axes.Length, $"axes {string.Join(", ", axes)}; expected each once");
        var keep = call.Attribute("keepdims", 1L) != 0;
        return [(from.ElementType, [.. from.Shape.Select((size, axis) => axes.Contains(axis) ? (keep ? (Dimension?)1 : null) : size).OfType<Dimension>()])];
    }

    private static Tensor Spread(BackwardCall call)
    {
        var gradient = call.Attribute("keepdims", 1L) != 0 ? call.Gradient : call.Gradient.Unsqueeze([.. Axes(call).Select(axis => (long)axis)]);
        return gradient.ExpandLike(call.Input(0));
    }

    private static Tensor Count(BackwardCall call)
    {
        var from = call.Input(0);
        var axes = Axes(call);
        if (axes.All(axis => from.Shape[axis].Value is not null))
        {
            return call.Graph.Constant((float)axes.Aggregate(1L, (product, axis) => product * from.Size(axis)));
        }

        // All elements over what is left of them: no need to know which of the dimensions are open.
        var (all, left) = (call.Graph.Apply("Size", from), call.Graph.Apply("Size", call.Output));
        return all.Cast(OnnxElementType.Float) / left.Cast(OnnxElementType.Float);
    }
}

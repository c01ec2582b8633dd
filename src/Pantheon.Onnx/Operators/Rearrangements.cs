using System.Globalization;
using System.Numerics;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Typed = (Pantheon.Onnx.Graphs.OnnxElementType Type, System.Collections.Generic.IReadOnlyList<Pantheon.Onnx.Graphs.Dimension>? Shape);

namespace Pantheon.Onnx.Operators;

/// <summary>Operators that move elements and compute nothing.</summary>
internal static class Rearrangements
{
    // A dimension without a symbol, as Dimension writes it: no two are known to be the same.
    private const string Unknown = "?";

    public static IEnumerable<KeyValuePair<string, Operator>> Operators { get; } = new Dictionary<string, Operator>
    {
        ["Reshape"] = new(InferReshape, call => [call.Gradient.ReshapeLike(call.Input(0)), null]),
        ["Flatten"] = new(InferFlatten, call => [call.Gradient.ReshapeLike(call.Input(0))]),
        ["Squeeze"] = new(InferSqueeze, call => [call.Gradient.ReshapeLike(call.Input(0)), null]),
        ["Unsqueeze"] = new(InferUnsqueeze, call => [call.Gradient.ReshapeLike(call.Input(0)), null]),
        ["Transpose"] = new(InferTranspose, DifferentiateTranspose),
        ["Expand"] = new(InferExpand, call => [call.ReduceTo(call.Gradient, 0), null]),
        ["Concat"] = new(InferConcat, DifferentiateConcat),
        ["Split"] = new(InferSplit, DifferentiateSplit),
        ["Slice"] = new(InferSlice, DifferentiateSlice),
        ["Pad"] = new(InferPad),
        ["Shape"] = new(call => [(OnnxElementType.Int64, [call.Input(0).Rank])], _ => [null]),
        ["ConstantOfShape"] = new(
            call => [((OnnxElementType)(call.Node.Attribute.FirstOrDefault()?.T?.DataType ?? (int)OnnxElementType.Float), ShapeOf(call, 0))],
            _ => [null]),
    };

    // What a shape given as a value is: known numbers, or the shape of the tensor that a Shape node looked at.
    private static IReadOnlyList<Dimension> ShapeOf(OperatorCall call, int input)
    {
        var value = call.Input(input);
        if (call.Graph.KnownIntegers(value) is { } sizes)
        {
            return [.. sizes.Select(size => (Dimension)size)];
        }

        return call.Graph.ShapeSource(value)?.Shape ?? throw call.Refused("the shape is only known when the graph runs");
    }

    private static Typed[] InferReshape(OperatorCall call)
    {
        var from = call.Input(0).Shape;
        if (call.Graph.ShapeSource(call.Input(1)) is { } like)
        {
            return [(call.Input(0).ElementType, like.Shape)];
        }

        var target = call.Integers(1);
        call.Require(call.Attribute("allowzero", 0L) == 0, "allowzero makes 0 a size; expected 0 to copy the input's dimension");
        call.Require(
            target.All(size => size >= -1) && target.Count(size => size == -1) <= 1, $"[{string.Join(',', target)}] is no shape; expected sizes, and -1 at most once");
        var shape = new Dimension[target.Length];
        for (var axis = 0; axis < target.Length; axis++)
        {
            shape[axis] = target[axis] switch
            {
                0 => axis < from.Count ? from[axis] : throw call.Refused($"dimension {axis} is to be copied and there is none"),
                -1 => default(Dimension),
                _ => target[axis],
            };
        }

        // Symbols that stand on both sides cancel; if all that is left is numbers, or some symbols, the open dimension is known.
        var open = Array.IndexOf(target, -1);
        var (product, symbols) = Factors(from);
        var (divisor, others) = Factors(shape.Where((_, axis) => axis != open));
        foreach (var symbol in others)
        {
            call.Require(symbols.Remove(symbol), $"'{symbol}' is not a dimension of the input");
        }

        var fits = open >= 0 ? divisor > 0 && (symbols.Count > 0 || product % divisor == 0) : symbols.Count > 0 || product == divisor;
        call.Require(fits, $"[{string.Join(',', from)}] does not fill [{string.Join(',', target)}]");
        if (open >= 0)
        {
            // In lowest terms, so that dimensions that are equal have one name.
            var common = (long)BigInteger.GreatestCommonDivisor(product, divisor);
            shape[open] = product % divisor == 0 ? Product(symbols, product / divisor)
                : symbols.Contains(Unknown) ? default
                : new Dimension(null, $"{string.Join('*', symbols)}*{product / common}/{divisor / common}");
        }

        return [(call.Input(0).ElementType, shape)];
    }

    private static Typed[] InferFlatten(OperatorCall call)
    {
        var from = call.Input(0);
        var axis = call.Axis(call.Attribute("axis", 1L), from.Rank + 1);
        return [(from.ElementType, [Whole(from.Shape.Take(axis)), Whole(from.Shape.Skip(axis))])];

        static Dimension Whole(IEnumerable<Dimension> sizes) => Factors(sizes) is var (number, symbols) ? Product(symbols, number) : default;
    }

    // Numbers and symbols that some dimensions are the product of; "n*6" is what we, and others, write for such a product.
    private static (long Number, List<string> Symbols) Factors(IEnumerable<Dimension> sizes)
    {
        var number = 1L;
        var symbols = new List<string>();
        foreach (var size in sizes)
        {
            if (size.Value is { } value)
            {
                number *= value;
                continue;
            }

            // A quotient is one symbol.
            foreach (var factor in size.Symbol is null ? [Unknown] : size.Symbol.Contains('/') ? [size.Symbol] : size.Symbol.Split('*'))
            {
                if (long.TryParse(factor, NumberStyles.None, CultureInfo.InvariantCulture, out var times))
                {
                    number *= times;
                }
                else
                {
                    symbols.Add(factor);
                }
            }
        }

        symbols.Sort(StringComparer.Ordinal);
        return (number, symbols);
    }

    // Symbols that are multiplied make another symbol, the same for the same factors.
    private static Dimension Product(List<string> symbols, long number) =>
        symbols.Count == 0 ? number
        : symbols.Contains(Unknown) ? default(Dimension)
        : string.Join('*', number == 1 ? symbols : [.. symbols, number.ToString(CultureInfo.InvariantCulture)]);

    private static Typed[] InferSqueeze(OperatorCall call)
    {
        var from = call.Input(0);
        var axes = call.Integers(1).Select(axis => call.Axis(axis, from.Rank)).ToHashSet();
        call.Require(axes.All(axis => from.Shape[axis].Value is null or 1), "a dimension to be left out is not 1");
        return [(from.ElementType, [.. from.Shape.Where((_, axis) => !axes.Contains(axis))])];
    }

    private static Typed[] InferUnsqueeze(OperatorCall call)
    {
        var from = call.Input(0);
        var axes = call.Integers(1);
        var rank = from.Rank + axes.Length;
        var shape = from.Shape.ToList();
        var places = axes.Select(axis => call.Axis(axis, rank)).Order().ToList();
        call.Require(places.Distinct().Count() == places.Count, $"places {string.Join(", ", places)}; expected each once");
        foreach (var axis in places)
        {
            shape.Insert(axis, 1);
        }

        return [(from.ElementType, shape)];
    }

    private static int[] Permutation(OperatorCall call)
    {
        var rank = call.Input(0).Rank;
        int[] permutation = call.Attributes("perm") is { } given
            ? [.. given.Select(axis => call.Axis(axis, rank))]
            : [.. Enumerable.Range(0, rank).Reverse()];
        call.Require(permutation.Order().SequenceEqual(Enumerable.Range(0, rank)), $"[{string.Join(',', permutation)}] is no order of {rank} dimensions");
        return permutation;
    }

    private static Typed[] InferTranspose(OperatorCall call) =>
        [(call.Input(0).ElementType, [.. Permutation(call).Select(axis => call.Input(0).Shape[axis])])];

    private static Tensor?[] DifferentiateTranspose(BackwardCall call)
    {
        var permutation = Permutation(call);
        var inverse = new int[permutation.Length];
        for (var axis = 0; axis < inverse.Length; axis++)
        {
            inverse[permutation[axis]] = axis;
        }

        return [call.Gradient.Transpose(inverse)];
    }

    private static Typed[] InferExpand(OperatorCall call) =>
        [(call.Input(0).ElementType, Elementwise.Broadcasted(call, call.Input(0).Shape, ShapeOf(call, 1)))];

    private static Typed[] InferConcat(OperatorCall call)
    {
        var first = call.Input(0);
        var axis = call.Axis(call.Attribute("axis", 0L), first.Rank);
        var shape = first.Shape.ToArray();
        for (var index = 1; index < call.InputCount; index++)
        {
            var next = call.Input(index);
            call.Require(next.Rank == first.Rank && next.ElementType == first.ElementType, $"input {index}, {next}, is of another rank or type than the first");
            for (var other = 0; other < shape.Length; other++)
            {
                if (other == axis)
                {
                    shape[axis] = shape[axis].Value + next.Shape[axis].Value ?? default(Dimension);
                }
                else
                {
                    call.Require(
                        shape[other] == next.Shape[other] || shape[other].Value is null || next.Shape[other].Value is null,
                        $"dimension {other} of input {index} is {next.Shape[other]}; expected {shape[other]}");
                    shape[other] = shape[other].Value is null && next.Shape[other].Value is not null ? next.Shape[other] : shape[other];
                }
            }
        }

        return [(first.ElementType, shape)];
    }

    private static Tensor?[] DifferentiateConcat(BackwardCall call)
    {
        var axis = call.Axis(call.Attribute("axis", 0L), call.Output.Rank);
        return call.InputCount == 1
            ? [call.Gradient]
            : call.Gradient.Split(axis, [.. Enumerable.Range(0, call.InputCount).Select(index => call.Input(index).Size(axis))]);
    }

    private static Typed[] InferSplit(OperatorCall call)
    {
        var from = call.Input(0);
        var axis = call.Axis(call.Attribute("axis", 0L), from.Rank);
        var parts = call.Integers(1);
        call.Require(parts.All(part => part >= 0) && (from.Shape[axis].Value is not { } size || size == parts.Sum()), $"parts of {string.Join(", ", parts)} do not make {from.Shape[axis]}");
        return [.. parts.Select(part => (Typed)(from.ElementType, [.. from.Shape.Take(axis), part, .. from.Shape.Skip(axis + 1)]))];
    }

    private static Tensor?[] DifferentiateSplit(BackwardCall call)
    {
        var axis = call.Axis(call.Attribute("axis", 0L), call.Input(0).Rank);
        return [call.Graph.Concat(axis, [.. Enumerable.Range(0, call.Outputs.Count).Select(call.GradientOf)]), null];
    }

    private static (int Axis, long Start, long End)[] Slices(OperatorCall call)
    {
        var from = call.Input(0);
        var (starts, ends) = (call.Integers(1), call.Integers(2));
        var axes = call.Has(3) ? call.Integers(3) : [.. Enumerable.Range(0, starts.Length).Select(axis => (long)axis)];
        call.Require(!call.Has(4) || call.Integers(4).All(step => step == 1), "it takes every element only: expected steps of 1");
        var slices = new (int, long, long)[starts.Length];
        for (var index = 0; index < slices.Length; index++)
        {
            var axis = call.Axis(axes[index], from.Rank);
            var size = from.Size(axis);
            slices[index] = (axis, Clamp(starts[index], size), Clamp(ends[index], size));
        }

        return slices;
    }

    private static long Clamp(long position, long size) => Math.Clamp(position < 0 ? position + size : position, 0, size);

    private static Typed[] InferSlice(OperatorCall call)
    {
        var shape = call.Input(0).Shape.ToArray();
        foreach (var (axis, start, end) in Slices(call))
        {
            shape[axis] = Math.Max(0, end - start);
        }

        return [(call.Input(0).ElementType, shape)];
    }

    private static Tensor?[] DifferentiateSlice(BackwardCall call)
    {
        var rank = call.Input(0).Rank;
        var pads = new long[2 * rank];
        foreach (var (axis, start, end) in Slices(call))
        {
            pads[axis] = start;
            pads[rank + axis] = call.Input(0).Size(axis) - Math.Max(start, end);
        }

        return [call.Graph.Apply("Pad", call.Gradient, call.Graph.Constant(pads)), null, null, null, null];
    }

    private static Typed[] InferPad(OperatorCall call)
    {
        var from = call.Input(0);
        var pads = call.Integers(1);
        return [(from.ElementType, [.. from.Shape.Select((size, axis) => pads[axis] + pads[axis + from.Rank] is var more && more == 0 ? size : from.Size(axis) + more)])];
    }
}

using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.IdRanges;

/// <summary>The size of what a Gather reads, where the file itself fixes it.</summary>
internal static class TableShape
{
    private const long Unknown = -1;

    /// <summary>Rows along an axis of a stored tensor.</summary>
    /// <param name="axis">Counted from the end if negative.</param>
    /// <returns>Null if the size is not fixed by the file; <c>Name</c> is that of the stored tensor, for messages.</returns>
    public static (long Rows, string Name)? RowsOf(GraphIndex graph, string value, long axis)
    {
        // Up through nodes that keep the elements' positions, or permute the axes; a loop in a broken graph ends the walk.
        var permutations = new Stack<NodeProto>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        while (seen.Add(value) && graph.InitializerOf(value) is null && graph.ProducerOf(value) is { Input.Count: > 0 } node
            && ModelChecks.IsDefaultDomain(node.Domain))
        {
            switch (node.OpType)
            {
                case "Transpose":
                    permutations.Push(node);
                    break;
                case "Identity" or "Cast" or "CastLike" or "DequantizeLinear" or "QuantizeLinear":
                    break;
                default:
                    return null;
            }

            value = node.Input[0];
        }

        long[]? shape = StoredShape(graph, value);
        while (shape is not null && permutations.TryPop(out var transpose))
        {
            shape = Permuted(shape, transpose);
        }

        if (shape is null || axis < -shape.Length || axis >= shape.Length)
        {
            return null;
        }

        long rows = shape[axis < 0 ? axis + shape.Length : axis];
        return rows == Unknown ? null : (rows, value);
    }

    private static long[]? StoredShape(GraphIndex graph, string value)
    {
        if (graph.InitializerOf(value) is { } initializer)
        {
            return Sizes(initializer.Dims);
        }

        foreach (var sparse in graph.Graph.SparseInitializer)
        {
            if (sparse.Values?.Name == value)
            {
                return Sizes(sparse.Dims);
            }
        }

        // A fixed dimension of an input binds: the runtime refuses a tensor of another size.
        foreach (var input in graph.Graph.Input)
        {
            if (input.Name == value)
            {
                return TensorInfo.From(input).Shape?.Select(dimension => dimension.Value ?? Unknown).ToArray();
            }
        }

        return graph.ProducerOf(value) is { OpType: "Constant", Attribute: [var constant, ..] } ? ConstantShape(constant) : null;
    }

    private static long[]? ConstantShape(AttributeProto constant) => constant.Name switch
    {
        "value" when constant.T is not null => Sizes(constant.T.Dims),
        "sparse_value" when constant.SparseTensor is not null => Sizes(constant.SparseTensor.Dims),
        "value_floats" => [constant.Floats.Count],
        "value_ints" => [constant.Ints.Count],
        "value_strings" => [constant.Strings.Count],
        _ => null,
    };

    private static long[] Sizes(IEnumerable<long> dimensions) => dimensions.Select(size => size < 0 ? Unknown : size).ToArray();

    private static long[]? Permuted(long[] shape, NodeProto transpose)
    {
        if (transpose.AttributeNamed("perm") is not { } attribute)
        {
            return [.. shape.Reverse()];
        }

        bool valid = attribute.Ints.Count == shape.Length && attribute.Ints.All(axis => axis >= 0 && axis < shape.Length);
        return valid ? attribute.Ints.Select(axis => shape[axis]).ToArray() : null;
    }
}

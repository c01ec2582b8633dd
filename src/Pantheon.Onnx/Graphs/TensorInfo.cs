using Pantheon.Onnx.Format;
using ValueOneofCase = Pantheon.Onnx.Format.TensorShapeProto.Types.Dimension.ValueOneofCase;

namespace Pantheon.Onnx.Graphs;

/// <summary>One dimension of a declared shape: a fixed size, a symbol shared by equal dimensions, or (both null) unknown.</summary>
public readonly record struct Dimension(long? Value, string? Symbol)
{
    public static implicit operator Dimension(long size) => new(size, null);

    public static implicit operator Dimension(string symbol) => new(null, symbol);

    public override string ToString() => Value is { } size ? size.ToString() : Symbol ?? "?";

    internal TensorShapeProto.Types.Dimension ToProto()
    {
        var proto = new TensorShapeProto.Types.Dimension();
        if (Value is { } size)
        {
            proto.DimValue = size;
        }
        else if (Symbol is not null)
        {
            proto.DimParam = Symbol;
        }

        return proto;
    }
}

/// <summary>An input or output of a graph as the file declares it.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="ElementType">What its elements are.</param>
/// <param name="Shape">Its dimensions, outermost first; empty for a scalar, null where the file does not state the rank.</param>
public sealed record TensorInfo(string Name, OnnxElementType ElementType, IReadOnlyList<Dimension>? Shape)
{
    /// <summary>Type and shape as one reads them, e.g. <c>Float [candidates,2]</c>.</summary>
    public string Description => Shape is null ? $"{ElementType} of unknown rank" : $"{ElementType} [{string.Join(',', Shape)}]";

    public override string ToString() => $"{Name}: {Description}";

    internal static TensorInfo From(ValueInfoProto value)
    {
        if (value.Type?.TensorType is not { } tensor)
        {
            return new TensorInfo(value.Name, OnnxElementType.NotATensor, null);
        }

        return new TensorInfo(value.Name, (OnnxElementType)tensor.ElemType, tensor.Shape?.Dim.Select(DimensionOf).ToArray());
    }

    private static Dimension DimensionOf(TensorShapeProto.Types.Dimension dimension) => dimension.ValueCase switch
    {
        // Exporters write an unknown size as -1 or 0 now and then; only a positive size binds.
        ValueOneofCase.DimValue when dimension.DimValue > 0 => new Dimension(dimension.DimValue, null),
        ValueOneofCase.DimParam when dimension.DimParam.Length > 0 => new Dimension(null, dimension.DimParam),
        _ => default,
    };
}

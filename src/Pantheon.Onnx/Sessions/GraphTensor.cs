namespace Pantheon.Onnx.Sessions;

/// <summary>Element types that a session runs over caller-owned memory.</summary>
public enum TensorElement
{
    /// <summary>Any other ONNX type: the graph loads, but such a tensor cannot be bound.</summary>
    Other,

    /// <summary>IEEE 754 single precision, 4 bytes.</summary>
    Float,

    /// <summary>Two's complement, 8 bytes.</summary>
    Int64,
}

/// <summary>An input or output as ONNX Runtime sees it after loading.</summary>
/// <param name="Name">The tensor's name in the graph.</param>
/// <param name="Element">Its element type.</param>
/// <param name="ElementName">The type as ONNX Runtime names it, for messages.</param>
/// <param name="Shape">Its dimensions; null where the graph leaves one open.</param>
public sealed record GraphTensor(string Name, TensorElement Element, string ElementName, IReadOnlyList<int?> Shape)
{
    /// <summary>Bytes per element of <paramref name="element"/>.</summary>
    public static int SizeOf(TensorElement element) => element switch
    {
        TensorElement.Float => sizeof(float),
        TensorElement.Int64 => sizeof(long),
        _ => throw new ArgumentOutOfRangeException(nameof(element), element, "no fixed size"),
    };
}

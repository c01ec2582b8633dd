namespace Pantheon.Onnx.Sessions;

/// <summary>A tensor in managed memory: row-major <see cref="Floats"/> or <see cref="Int64s"/>, the other null.</summary>
public sealed class TensorValue
{
    private TensorValue(long[] shape, float[]? floats, long[]? int64s)
    {
        Shape = shape;
        Floats = floats;
        Int64s = int64s;
    }

    /// <summary>Every dimension's length, outermost first.</summary>
    public long[] Shape { get; }

    public float[]? Floats { get; }

    public long[]? Int64s { get; }

    /// <summary>A float tensor over <paramref name="values"/>, which are not copied.</summary>
    public static TensorValue Of(float[] values, long[] shape) => new(shape, values, null);

    /// <summary>An int64 tensor over <paramref name="values"/>, which are not copied.</summary>
    public static TensorValue Of(long[] values, long[] shape) => new(shape, null, values);
}

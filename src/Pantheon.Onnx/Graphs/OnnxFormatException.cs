namespace Pantheon.Onnx.Graphs;

/// <summary>A file is not an ONNX model that can be used. The message is the reason, fit to show to whoever brought the file.</summary>
public sealed class OnnxFormatException : Exception
{
    public OnnxFormatException(string reason) : base(reason)
    {
    }

    public OnnxFormatException(string reason, Exception cause) : base(reason, cause)
    {
    }
}

namespace Pantheon.Onnx.Sessions;

/// <summary>ONNX Runtime refused to load a graph or failed to run it; the message is its reason.</summary>
public sealed class GraphException : Exception
{
    /// <summary>A failure with ONNX Runtime's reason.</summary>
    public GraphException(string message, Exception inner)
        : base(message, inner)
    {
    }

    /// <summary>A failure found by us.</summary>
    public GraphException(string message)
        : base(message)
    {
    }
}

namespace Pantheon.Onnx.Building;

/// <summary>A graph cannot be built or differentiated as asked; the message names the value or operator and what was expected.</summary>
public sealed class GraphBuildException(string message) : Exception(message);

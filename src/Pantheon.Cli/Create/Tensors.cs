using Pantheon.Onnx.Graphs;

namespace Pantheon.Cli.Create;

/// <summary>Inputs and outputs in messages.</summary>
internal static class Tensors
{
    public static string List(IReadOnlyList<TensorInfo> tensors) =>
        tensors.Count == 0 ? "none" : string.Join(", ", tensors.Select(tensor => $"{tensor.Name} ({tensor.Description})"));

    public static string Shape(IEnumerable<long> shape) => $"[{string.Join(',', shape)}]";
}

using System.Runtime.InteropServices;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Training;

/// <summary>Binds a run to pinned arrays, by name.</summary>
internal static class GraphBinding
{
    /// <param name="array">Pinned for good (GC.AllocateArray with pinned: true); the run keeps it alive.</param>
    public static void BindInput<T>(this GraphRun run, GraphSession session, string name, T[] array, params ReadOnlySpan<long> shape)
        where T : unmanaged => run.BindInput(IndexOf(session.Inputs, name), Address(array), shape, -1, 0, array);

    /// <inheritdoc cref="BindInput{T}"/>
    public static void BindOutput<T>(this GraphRun run, GraphSession session, string name, T[] array, params ReadOnlySpan<long> shape)
        where T : unmanaged => run.BindOutput(IndexOf(session.Outputs, name), Address(array), shape, -1, 0, array);

    public static bool Has(this IReadOnlyList<GraphTensor> tensors, string name) => tensors.Any(tensor => tensor.Name == name);

    private static int IndexOf(IReadOnlyList<GraphTensor> tensors, string name)
    {
        for (var index = 0; index < tensors.Count; index++)
        {
            if (tensors[index].Name == name)
            {
                return index;
            }
        }

        throw new ArgumentException($"the graph has no value '{name}'", nameof(name));
    }

    private static nint Address<T>(T[] array)
        where T : unmanaged => Marshal.UnsafeAddrOfPinnedArrayElement(array, 0);
}

using System.Runtime.InteropServices;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Sessions;

internal static class SessionFixture
{
    public static string PathOf(string name) => Path.Combine(AppContext.BaseDirectory, "fixtures", "sessions", $"{name}.onnx");

    public static GraphSession Load(string name) => GraphSession.Load(PathOf(name), new GraphSessionOptions());
}

/// <summary>Numbers that stay where they are for as long as a test needs.</summary>
internal sealed class Pinned<T>(params T[] values) : IDisposable
    where T : unmanaged
{
    private GCHandle _handle = GCHandle.Alloc(values, GCHandleType.Pinned);

    public T[] Values => values;

    public nint Address => _handle.AddrOfPinnedObject();

    public void Dispose() => _handle.Free();
}

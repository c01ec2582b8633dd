using System.Runtime.InteropServices;

namespace Pantheon.Scoring.Memory;

/// <summary>The C library's heap, in which ONNX Runtime keeps graphs and what their runs need.</summary>
public static partial class NativeHeap
{
    // mallopt(3), and the size that glibc itself begins with.
    private const int MmapThreshold = -3;
    private const int LargeBytes = 128 * 1024;

    /// <summary>
    /// Has every block of 128 KiB or more go back to the system when it is freed, for the rest of this process. glibc begins like that and
    /// moves the limit up to the largest block that was ever freed; after a few models were let go theirs lie among those of models that
    /// stay, and the heap grows by a third. Where the C library is another one nothing happens.
    /// </summary>
    public static void ReturnLargeBlocks()
    {
        if (!OperatingSystem.IsLinux())
        {
            return;
        }

        try
        {
            _ = SetOption(MmapThreshold, LargeBytes);
        }
        catch (EntryPointNotFoundException)
        {
            // musl has no such option, and nothing that would need it.
        }
    }

    [LibraryImport("libc", EntryPoint = "mallopt")]
    private static partial int SetOption(int option, int value);
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;
using System.Runtime.Intrinsics.X86;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// Asks for a row's memory some rows before it is needed: rows of a batch lie anywhere in the table, and without this every one of them
/// is waited for. A hint, which changes no result and which processors other than x86 are not given.
/// </summary>
internal static unsafe class RowPrefetch
{
    /// <summary>Rows ahead: what a memory access lasts, in updates.</summary>
    public const int Ahead = 6;

    private const int LineFloats = 64 / sizeof(float);

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static void Touch(ReadOnlySpan<float> buffer, int start, int length)
    {
        if (!Sse.IsSupported)
        {
            return;
        }

        ref float first = ref MemoryMarshal.GetReference(buffer);
        for (int at = start; at < start + length; at += LineFloats)
        {
            // The pointer is not pinned: a collection may make it point elsewhere, and a prefetch of anywhere is harmless.
            Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, at)));
        }

        // A row need not begin where a line of the cache does.
        Sse.Prefetch0(Unsafe.AsPointer(ref Unsafe.Add(ref first, start + length - 1)));
    }
}

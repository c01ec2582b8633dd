using System.Globalization;
using System.Runtime.InteropServices;
using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Tests.Memory;

public sealed class NativeHeapTests
{
    private const int Bytes = 8 * 1024 * 1024;

    [Fact]
    public void ReturnLargeBlocks_AsLargeABlockWasFreedBefore_WhatIsFreedGoesBackToTheSystem()
    {
        NativeHeap.ReturnLargeBlocks();

        // Between freeing and looking another thread may be given the same addresses; not time after time.
        Assert.Contains(Enumerable.Range(0, 10), _ => GoesBack());
    }

    private static unsafe bool GoesBack()
    {
        // This is what moves the limit of glibc.
        NativeMemory.Free(NativeMemory.Alloc(Bytes));
        var block = NativeMemory.Alloc(Bytes);
        // What comes after a block in the heap would keep it from shrinking.
        var after = NativeMemory.Alloc(1024);
        var middle = (ulong)block + (Bytes / 2);
        Assert.True(IsMapped(middle));
        NativeMemory.Free(block);
        var goesBack = !IsMapped(middle);
        NativeMemory.Free(after);
        return goesBack;
    }

    private static bool IsMapped(ulong address) =>
        File.ReadLines("/proc/self/maps").Select(line => line[..line.IndexOf(' ', StringComparison.Ordinal)].Split('-')).Any(range =>
            ulong.Parse(range[0], NumberStyles.HexNumber, CultureInfo.InvariantCulture) <= address
            && address < ulong.Parse(range[1], NumberStyles.HexNumber, CultureInfo.InvariantCulture));
}

using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pantheon.Scoring.Memory;

/// <summary>
/// A block of pinned memory rented from a <see cref="PinnedPool"/>, aligned to 64 bytes so that vector loads never
/// straddle a cache line. It has one owner at a time, who disposes it exactly once.
/// </summary>
public sealed unsafe class PinnedBuffer : IDisposable
{
    /// <summary>Alignment of <see cref="Address"/> in bytes.</summary>
    public const int Alignment = 64;

    private readonly PinnedPool _pool;
    private readonly byte[] _array;
    private readonly byte* _start;
    private int _rented;

    internal PinnedBuffer(PinnedPool pool, int bucket, int capacity)
    {
        _pool = pool;
        Bucket = bucket;
        Capacity = capacity;
        _array = GC.AllocateUninitializedArray<byte>(capacity + Alignment, pinned: true);
        var address = (nuint)Unsafe.AsPointer(ref MemoryMarshal.GetArrayDataReference(_array));
        _start = (byte*)((address + (Alignment - 1)) & ~(nuint)(Alignment - 1));
    }

    /// <summary>Bytes that may be used; at least what was asked for.</summary>
    public int Capacity { get; }

    /// <summary>Address of the first byte; fixed for the buffer's life.</summary>
    public nint Address => (nint)_start;

    internal int Bucket { get; }

    /// <summary>The first <paramref name="count"/> elements as a span.</summary>
    public Span<T> Span<T>(int count)
        where T : unmanaged
    {
        ObjectDisposedException.ThrowIf(_rented == 0, this);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)count * sizeof(T), Capacity, nameof(count));
        return new Span<T>(_start, count);
    }

    /// <summary>Gives the memory back to its pool. A second call is an error: somebody else may own it by then.</summary>
    public void Dispose()
    {
        if (Interlocked.Exchange(ref _rented, 0) == 0)
        {
            throw new InvalidOperationException("a pinned buffer was returned twice");
        }

        _pool.Return(this);
    }

    internal void MarkRented() => _rented = 1;
}

using System.Collections.Concurrent;
using System.Numerics;

namespace Pantheon.Scoring.Memory;

/// <summary>
/// Pinned memory that requests borrow: tensors point straight into it, and the garbage collector neither moves nor
/// scans it. Sizes are powers of two. What is given back beyond <paramref name="retainedBytes"/> goes to the collector.
/// </summary>
/// <param name="retainedBytes">Bytes that may lie idle in the pool.</param>
public sealed class PinnedPool(long retainedBytes = PinnedPool.DefaultRetainedBytes)
{
    /// <summary>Enough for 64 requests in flight of 300 candidates x 128 features and their outputs.</summary>
    public const long DefaultRetainedBytes = 64L << 20;

    /// <summary>The largest block that can be rented: 1 GiB.</summary>
    public const int LargestBytes = 1 << LargestShift;

    private const int SmallestShift = 8;
    private const int LargestShift = 30;

    private readonly ConcurrentQueue<PinnedBuffer>[] _buckets = CreateBuckets();
    private long _idleBytes;
    private long _outstandingBytes;

    /// <summary>The pool that the service's requests share.</summary>
    public static PinnedPool Shared { get; } = new();

    /// <summary>Bytes that are rented out now.</summary>
    public long OutstandingBytes => Volatile.Read(ref _outstandingBytes);

    /// <summary>Bytes that lie idle in the pool now.</summary>
    public long IdleBytes => Volatile.Read(ref _idleBytes);

    /// <summary>Rents at least <paramref name="bytes"/> bytes, uninitialised.</summary>
    /// <exception cref="ArgumentOutOfRangeException">Negative, or above 1 GiB.</exception>
    public PinnedBuffer Rent(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(bytes);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, LargestBytes);
        var bucket = Math.Max(0, BitOperations.Log2((uint)Math.Max(1, bytes - 1)) + 1 - SmallestShift);
        if (_buckets[bucket].TryDequeue(out var buffer))
        {
            Interlocked.Add(ref _idleBytes, -buffer.Capacity);
        }
        else
        {
            buffer = new PinnedBuffer(this, bucket, 1 << (bucket + SmallestShift));
        }

        buffer.MarkRented();
        Interlocked.Add(ref _outstandingBytes, buffer.Capacity);
        return buffer;
    }

    internal void Return(PinnedBuffer buffer)
    {
        Interlocked.Add(ref _outstandingBytes, -buffer.Capacity);
        if (Interlocked.Add(ref _idleBytes, buffer.Capacity) > retainedBytes && !MakeRoom(buffer.Bucket))
        {
            Interlocked.Add(ref _idleBytes, -buffer.Capacity);
            return;
        }

        _buckets[buffer.Bucket].Enqueue(buffer);
    }

    // A few huge requests must not fill the pool for good and leave every ordinary one to allocate: larger blocks give way.
    private bool MakeRoom(int bucket)
    {
        for (var larger = _buckets.Length - 1; larger > bucket; larger--)
        {
            while (_buckets[larger].TryDequeue(out var victim))
            {
                if (Interlocked.Add(ref _idleBytes, -victim.Capacity) <= retainedBytes)
                {
                    return true;
                }
            }
        }

        return false;
    }

    private static ConcurrentQueue<PinnedBuffer>[] CreateBuckets()
    {
        var buckets = new ConcurrentQueue<PinnedBuffer>[LargestShift - SmallestShift + 1];
        for (var i = 0; i < buckets.Length; i++)
        {
            buckets[i] = new ConcurrentQueue<PinnedBuffer>();
        }

        return buckets;
    }
}

using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Tests.Memory;

public sealed class PinnedPoolTests
{
    [Theory]
    [InlineData(0, 256)]
    [InlineData(1, 256)]
    [InlineData(255, 256)]
    [InlineData(256, 256)]
    [InlineData(257, 512)]
    [InlineData(511, 512)]
    [InlineData(512, 512)]
    [InlineData(513, 1024)]
    [InlineData(1 << 20, 1 << 20)]
    [InlineData((1 << 20) + 1, 1 << 21)]
    public void Rent_BucketEdges_RoundsUpToAPowerOfTwo(int bytes, int capacity)
    {
        var pool = new PinnedPool();
        using var buffer = pool.Rent(bytes);
        Assert.Equal(capacity, buffer.Capacity);
        Assert.Equal(capacity, pool.OutstandingBytes);
        Assert.Equal(capacity, buffer.Span<byte>(capacity).Length);
    }

    [Fact]
    public void Rent_EverySize_IsAlignedAndLargeEnough()
    {
        var pool = new PinnedPool();
        for (var bytes = 1; bytes < 1 << 22; bytes += 1 + (bytes / 3))
        {
            using var buffer = pool.Rent(bytes);
            Assert.Equal(0, buffer.Address % PinnedBuffer.Alignment);
            Assert.InRange(buffer.Capacity, bytes, Math.Max(256, 2 * bytes));
            // The last byte is ours to write.
            buffer.Span<byte>(buffer.Capacity)[^1] = 1;
        }
    }

    [Fact]
    public void Rent_LargestBlock_IsGiven()
    {
        var pool = new PinnedPool(retainedBytes: 0);
        using var buffer = pool.Rent(PinnedPool.LargestBytes);
        Assert.Equal(PinnedPool.LargestBytes, buffer.Capacity);
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(int.MinValue)]
    [InlineData(PinnedPool.LargestBytes + 1)]
    [InlineData(int.MaxValue)]
    public void Rent_OutOfRange_Throws(int bytes)
    {
        var pool = new PinnedPool();
        Assert.Throws<ArgumentOutOfRangeException>(() => pool.Rent(bytes));
        Assert.Equal(0, pool.OutstandingBytes);
    }

    [Fact]
    public void Dispose_Twice_IsRefusedAndCountedOnce()
    {
        var pool = new PinnedPool();
        var buffer = pool.Rent(100);
        buffer.Dispose();
        Assert.Throws<InvalidOperationException>(buffer.Dispose);
        Assert.Equal(0, pool.OutstandingBytes);
        Assert.Equal(256, pool.IdleBytes);
    }

    [Fact]
    public void Span_AfterDispose_Throws()
    {
        var buffer = new PinnedPool().Rent(100);
        buffer.Dispose();
        Assert.Throws<ObjectDisposedException>(() => buffer.Span<byte>(1).Length);
    }

    [Fact]
    public void Span_BeyondCapacity_Throws()
    {
        using var buffer = new PinnedPool().Rent(256);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Span<long>(33).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Span<long>(int.MaxValue).Length);
        Assert.Throws<ArgumentOutOfRangeException>(() => buffer.Span<long>(-1).Length);
    }

    [Fact]
    public void Rent_AfterReturn_GivesTheSameMemory()
    {
        var pool = new PinnedPool();
        nint address;
        using (var first = pool.Rent(1000))
        {
            address = first.Address;
        }

        using var second = pool.Rent(513);
        Assert.Equal(address, second.Address);
        Assert.Equal(0, pool.IdleBytes);
    }

    [Fact]
    public void Return_BeyondTheBound_LetsGo()
    {
        var pool = new PinnedPool(retainedBytes: 1024);
        var buffers = Enumerable.Range(0, 10).Select(_ => pool.Rent(256)).ToList();
        Assert.Equal(2560, pool.OutstandingBytes);
        foreach (var buffer in buffers)
        {
            buffer.Dispose();
        }

        Assert.Equal(0, pool.OutstandingBytes);
        Assert.Equal(1024, pool.IdleBytes);
    }

    [Fact]
    public async Task RentAndReturn_ManyThreads_NeverSharesABuffer()
    {
        const int Threads = 8;
        const int Rounds = 4000;
        var pool = new PinnedPool(retainedBytes: 1 << 20);
        await Task.WhenAll(Enumerable.Range(1, Threads).Select(thread => Task.Factory.StartNew(
            () => RentAndReturn(pool, thread, Rounds), CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default)));
        Assert.Equal(0, pool.OutstandingBytes);
        Assert.InRange(pool.IdleBytes, 0, 1 << 20);
    }

    private static void RentAndReturn(PinnedPool pool, int thread, int rounds)
    {
        var random = new Random(thread);
        var held = new Queue<PinnedBuffer>();
        for (var round = 0; round < rounds; round++)
        {
            var buffer = pool.Rent(random.Next(1, 5000));
            buffer.Span<byte>(buffer.Capacity).Fill((byte)thread);
            held.Enqueue(buffer);
            while (held.Count > random.Next(8))
            {
                var oldest = held.Dequeue();
                // Anybody else's byte in it means that two had it at the same time.
                Assert.Equal(-1, oldest.Span<byte>(oldest.Capacity).IndexOfAnyExcept((byte)thread));
                oldest.Dispose();
            }
        }

        while (held.TryDequeue(out var rest))
        {
            rest.Dispose();
        }
    }
}

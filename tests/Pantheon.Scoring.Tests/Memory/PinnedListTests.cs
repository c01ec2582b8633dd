using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Tests.Memory;

public sealed class PinnedListTests
{
    private readonly PinnedPool _pool = new();

    [Fact]
    public void Append_RandomPieces_EqualsAList()
    {
        var random = new Random(31);
        for (var round = 0; round < 50; round++)
        {
            var list = new PinnedList(_pool);
            var expected = new List<byte>();
            for (var piece = 0; piece < 60; piece++)
            {
                var bytes = new byte[random.Next(0, 400)];
                random.NextBytes(bytes);
                bytes.CopyTo(list.Append(bytes.Length));
                expected.AddRange(bytes);
                if (random.Next(4) == 0)
                {
                    var less = random.Next(0, Math.Min(100, expected.Count) + 1);
                    list.Shrink(less);
                    expected.RemoveRange(expected.Count - less, less);
                }
            }

            Assert.Equal(expected, list.Span<byte>().ToArray());
            Assert.Equal(0, list.Address % PinnedBuffer.Alignment);
            list.Reset();
        }

        Assert.Equal(0, _pool.OutstandingBytes);
    }

    [Fact]
    public void Span_Empty_IsEmpty()
    {
        var list = new PinnedList(_pool);
        Assert.Equal(0, list.Span<long>().Length);
        Assert.Equal(0, list.Append(0).Length);
        Assert.Equal(0, list.Span<long>().Length);
        list.Reset();
        Assert.Equal(0, _pool.OutstandingBytes);
    }

    [Fact]
    public void Clear_ThenAppend_KeepsTheMemory()
    {
        var list = new PinnedList(_pool);
        list.Append(1000);
        var address = list.Address;
        list.Clear();
        Assert.Equal(0, list.ByteCount);
        list.Append(1000);
        Assert.Equal(address, list.Address);
        list.Reset();
        list.Reset();
        Assert.Equal(0, _pool.OutstandingBytes);
    }

    [Fact]
    public void Shrink_MoreThanThereIs_Throws()
    {
        var list = new PinnedList(_pool);
        list.Append(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Shrink(11));
        list.Reset();
    }

    [Fact]
    public void Append_BeyondTheLargestBlock_ThrowsAndKeepsWhatItHas()
    {
        var list = new PinnedList(_pool);
        list.Append(10);
        Assert.Throws<ArgumentOutOfRangeException>(() => list.Append(PinnedPool.LargestBytes).Length);
        Assert.Throws<OverflowException>(() => list.Append(int.MaxValue).Length);
        Assert.Equal(10, list.ByteCount);
        list.Reset();
        Assert.Equal(0, _pool.OutstandingBytes);
    }
}

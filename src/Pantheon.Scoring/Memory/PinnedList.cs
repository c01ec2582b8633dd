namespace Pantheon.Scoring.Memory;

/// <summary>Bytes that grow at the end, in pinned memory. Owns its memory until <see cref="Reset"/>.</summary>
/// <param name="pool">Where the memory comes from.</param>
public sealed class PinnedList(PinnedPool pool)
{
    private PinnedBuffer? _buffer;

    /// <summary>Bytes in use.</summary>
    public int ByteCount { get; private set; }

    /// <summary>Address of the first byte; meaningless while empty, and until the next <see cref="Append"/>.</summary>
    public nint Address => _buffer?.Address ?? 0;

    /// <summary>The bytes in use as elements.</summary>
    public unsafe Span<T> Span<T>()
        where T : unmanaged => _buffer is null ? [] : _buffer.Span<T>(ByteCount / sizeof(T));

    /// <summary>Makes room for <paramref name="bytes"/> more bytes at the end and counts them as in use.</summary>
    /// <returns>The room, uninitialised.</returns>
    public Span<byte> Append(int bytes)
    {
        var needed = checked(ByteCount + bytes);
        if (_buffer is null || _buffer.Capacity < needed)
        {
            var grown = pool.Rent(needed);
            if (_buffer is not null)
            {
                _buffer.Span<byte>(ByteCount).CopyTo(grown.Span<byte>(ByteCount));
                _buffer.Dispose();
            }

            _buffer = grown;
        }

        var room = _buffer.Span<byte>(needed)[ByteCount..];
        ByteCount = needed;
        return room;
    }

    /// <summary>Gives the last <paramref name="bytes"/> bytes up.</summary>
    public void Shrink(int bytes)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(bytes, ByteCount);
        ByteCount -= bytes;
    }

    /// <summary>Forgets the contents and keeps the memory.</summary>
    public void Clear() => ByteCount = 0;

    /// <summary>Gives the memory back.</summary>
    public void Reset()
    {
        _buffer?.Dispose();
        _buffer = null;
        ByteCount = 0;
    }
}

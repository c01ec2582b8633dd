using System.Buffers;
using System.Buffers.Binary;

namespace Pantheon.Serving.Ranking;

/// <summary>
/// Reads protobuf's wire format from the server's own buffers, without copying. Every method returns false on input
/// that the generated parser would refuse too; the position is then of no use any more.
/// </summary>
internal ref struct WireReader(ReadOnlySequence<byte> payload)
{
    /// <summary>How deep messages and groups may nest, as in the generated parser.</summary>
    public const int MaxDepth = 100;

    private SequenceReader<byte> _reader = new(payload);
    private long _end = payload.Length;

    /// <summary>Bytes read so far, from the beginning of the payload.</summary>
    public readonly long Position => _reader.Consumed;

    /// <summary>Bytes left in the current message.</summary>
    public readonly long Remaining => _end - _reader.Consumed;

    /// <summary>Whether the current message is read to its end.</summary>
    public readonly bool AtEnd => _reader.Consumed >= _end;

    /// <summary>Reads a varint of up to 10 bytes; bits beyond the 64th are dropped.</summary>
    public bool TryReadVarint(out ulong value)
    {
        value = 0;
        for (var shift = 0; shift < 70; shift += 7)
        {
            if (AtEnd || !_reader.TryRead(out var part))
            {
                return false;
            }

            value |= shift == 63 ? (ulong)(part & 1) << 63 : (ulong)(part & 0x7F) << shift;
            if (part < 0x80)
            {
                return true;
            }
        }

        return false;
    }

    /// <summary>Reads a field's tag. Field number 0 is refused.</summary>
    public bool TryReadTag(out uint tag)
    {
        var read = TryReadVarint(out var value);
        tag = (uint)value;
        return read && tag >> 3 != 0;
    }

    /// <summary>Reads a length that fits into the current message.</summary>
    public bool TryReadLength(out int length)
    {
        var read = TryReadVarint(out var value);
        length = (int)(uint)value;
        return read && length >= 0 && length <= Remaining;
    }

    /// <summary>Reads 4 little-endian bytes.</summary>
    public bool TryReadFixed32(out uint value)
    {
        Span<byte> bytes = stackalloc byte[sizeof(uint)];
        var read = TryRead(bytes);
        value = BinaryPrimitives.ReadUInt32LittleEndian(bytes);
        return read;
    }

    /// <summary>Fills <paramref name="destination"/>.</summary>
    public bool TryRead(scoped Span<byte> destination)
    {
        if (destination.Length > Remaining || !_reader.TryCopyTo(destination))
        {
            return false;
        }

        _reader.Advance(destination.Length);
        return true;
    }

    /// <summary>Skips <paramref name="count"/> bytes.</summary>
    public bool TrySkip(long count)
    {
        if (count > Remaining)
        {
            return false;
        }

        _reader.Advance(count);
        return true;
    }

    /// <summary>Narrows the current message to its next <paramref name="length"/> bytes.</summary>
    /// <returns>What <see cref="Leave"/> wants back.</returns>
    public long Enter(int length)
    {
        var outer = _end;
        _end = _reader.Consumed + length;
        return outer;
    }

    /// <summary>Widens the current message again.</summary>
    public void Leave(long outer) => _end = outer;

    /// <summary>Skips a field that is not known.</summary>
    /// <param name="tag">Its tag, already read.</param>
    /// <param name="depth">How deep the message that holds it is nested.</param>
    public bool TrySkipField(uint tag, int depth)
    {
        switch (tag & 7)
        {
            case 0:
                return TryReadVarint(out _);
            case 1:
                return TrySkip(sizeof(ulong));
            case 2:
                return TryReadLength(out var length) && TrySkip(length);
            case 3:
                return TrySkipGroup(tag, depth + 1);
            case 5:
                return TrySkip(sizeof(uint));
            default:
                return false;
        }
    }

    private bool TrySkipGroup(uint start, int depth)
    {
        if (depth > MaxDepth)
        {
            return false;
        }

        while (!AtEnd && TryReadTag(out var tag))
        {
            if ((tag & 7) == 4)
            {
                return tag == start + 1;
            }

            if (!TrySkipField(tag, depth))
            {
                return false;
            }
        }

        return false;
    }
}

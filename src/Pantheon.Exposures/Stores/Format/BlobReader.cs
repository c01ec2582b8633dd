using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Pantheon.Exposures.Stores.Format;

/// <summary>Reads what <see cref="BlobWriter"/> wrote. Any other bytes end in an <see cref="ExposureStoreException"/> and in nothing worse.</summary>
internal ref struct BlobReader(ReadOnlySpan<byte> blob)
{
    // Throws on bytes that are not UTF-8.
    private static readonly UTF8Encoding Utf8 = new(false, true);

    private ReadOnlySpan<byte> _rest = blob;

    public byte Byte() => Take(1)[0];

    public ulong Unsigned()
    {
        var value = 0UL;
        for (var shift = 0; shift < 64; shift += 7)
        {
            var next = Byte();
            if (shift == 63 && next > 1)
            {
                break;
            }

            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        throw Damaged("a number of more than 64 bits");
    }

    public long Signed()
    {
        var value = Unsigned();
        return (long)(value >> 1) ^ -(long)(value & 1);
    }

    /// <summary>A number from 0 to 2,147,483,647.</summary>
    public int Int()
    {
        var value = Unsigned();
        return value <= int.MaxValue ? (int)value : throw Damaged("a number of more than 31 bits");
    }

    /// <summary>How many things follow, each of at least <paramref name="size"/> bytes: what asks for more memory than that is refused.</summary>
    public int Count(int size)
    {
        var value = Unsigned();
        return value <= (ulong)(_rest.Length / size) ? (int)value : throw Damaged("more elements than bytes");
    }

    public float Single() => BinaryPrimitives.ReadSingleLittleEndian(Take(4));

    public double Double() => BinaryPrimitives.ReadDoubleLittleEndian(Take(8));

    public ReadOnlySpan<byte> Bytes() => Take(Count(1));

    public string Text()
    {
        var form = Unsigned();
        switch (form)
        {
            case TextForm.Digest:
                return TextForm.DigestPrefix + Convert.ToHexStringLower(Take(32));
            case TextForm.Uuid:
                return new Guid(Take(16), bigEndian: true).ToString("D", CultureInfo.InvariantCulture);
        }

        if (form - TextForm.FirstLength > (ulong)_rest.Length)
        {
            throw Damaged("a text that is longer than the rest");
        }

        try
        {
            return Utf8.GetString(Take((int)(form - TextForm.FirstLength)));
        }
        catch (DecoderFallbackException exception)
        {
            throw new ExposureStoreException("a stored row is damaged: a text that is not UTF-8", exception);
        }
    }

    public readonly void End()
    {
        if (!_rest.IsEmpty)
        {
            throw Damaged($"{_rest.Length} bytes too many");
        }
    }

    public static ExposureStoreException Damaged(string what) => new($"a stored row is damaged: {what}");

    private ReadOnlySpan<byte> Take(int length)
    {
        if (length > _rest.Length)
        {
            throw Damaged("it ends too early");
        }

        var taken = _rest[..length];
        _rest = _rest[length..];
        return taken;
    }
}

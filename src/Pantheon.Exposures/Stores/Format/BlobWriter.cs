using System.Buffers;
using System.Buffers.Binary;
using System.Globalization;
using System.Text;

namespace Pantheon.Exposures.Stores.Format;

/// <summary>Writes the stored form: little endian, numbers of variable length as in Protocol Buffers (LEB128).</summary>
internal sealed class BlobWriter
{
    private readonly ArrayBufferWriter<byte> _buffer = new(256);

    public byte[] ToArray() => _buffer.WrittenSpan.ToArray();

    public void Clear() => _buffer.ResetWrittenCount();

    public void Byte(byte value)
    {
        _buffer.GetSpan(1)[0] = value;
        _buffer.Advance(1);
    }

    public void Unsigned(ulong value)
    {
        for (; value >= 0x80; value >>= 7)
        {
            Byte((byte)(value | 0x80));
        }

        Byte((byte)value);
    }

    /// <summary>Zigzag: small numbers of either sign are short.</summary>
    public void Signed(long value) => Unsigned((ulong)((value << 1) ^ (value >> 63)));

    public void Single(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_buffer.GetSpan(4), value);
        _buffer.Advance(4);
    }

    public void Double(double value)
    {
        BinaryPrimitives.WriteDoubleLittleEndian(_buffer.GetSpan(8), value);
        _buffer.Advance(8);
    }

    public void Bytes(ReadOnlySpan<byte> value)
    {
        Unsigned((ulong)value.Length);
        _buffer.Write(value);
    }

    /// <summary>A text; two kinds that come in every ranking and are longer as text have a form of their own.</summary>
    public void Text(string value)
    {
        if (value.Length == TextForm.DigestLength && TextForm.TryPackDigest(value, out var digest))
        {
            Unsigned(TextForm.Digest);
            _buffer.Write(digest);
            return;
        }

        if (value.Length == TextForm.UuidLength && Guid.TryParseExact(value, "D", out var uuid) && uuid.ToString("D", CultureInfo.InvariantCulture) == value)
        {
            Unsigned(TextForm.Uuid);
            uuid.TryWriteBytes(_buffer.GetSpan(16), bigEndian: true, out _);
            _buffer.Advance(16);
            return;
        }

        var length = Encoding.UTF8.GetByteCount(value);
        Unsigned(TextForm.FirstLength + (ulong)length);
        Encoding.UTF8.GetBytes(value, _buffer.GetSpan(length));
        _buffer.Advance(length);
    }
}

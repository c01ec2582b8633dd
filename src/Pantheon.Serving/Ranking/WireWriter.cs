using System.Buffers.Binary;
using System.Numerics;
using System.Text;

namespace Pantheon.Serving.Ranking;

/// <summary>Writes protobuf's wire format into a span that is large enough: sizes are computed first.</summary>
internal ref struct WireWriter(Span<byte> destination)
{
    private readonly Span<byte> _destination = destination;
    private int _position;

    /// <summary>Bytes written.</summary>
    public readonly int Position => _position;

    /// <summary>Bytes of a varint.</summary>
    public static int VarintSize(ulong value) => ((BitOperations.Log2(value | 1) * 9) + 73) / 64;

    /// <summary>Bytes of a varint field with a tag of one byte; 0 if it is left out because it is 0.</summary>
    public static int FieldSize(long value) => value == 0 ? 0 : 1 + VarintSize((ulong)value);

    /// <summary>Bytes of a text field with a tag of one byte; 0 if it is left out because it is empty.</summary>
    public static int FieldSize(string value) => value.Length == 0 ? 0 : LengthFieldSize(Encoding.UTF8.GetByteCount(value));

    /// <summary>Bytes of a length-delimited field with a tag of one byte.</summary>
    public static int LengthFieldSize(int length) => 1 + VarintSize((ulong)length) + length;

    public void Varint(ulong value)
    {
        while (value >= 0x80)
        {
            _destination[_position++] = (byte)(value | 0x80);
            value >>= 7;
        }

        _destination[_position++] = (byte)value;
    }

    /// <summary>A varint field; left out if 0.</summary>
    public void Field(int number, long value)
    {
        if (value != 0)
        {
            Tag(number, 0);
            Varint((ulong)value);
        }
    }

    /// <summary>A text field; left out if empty.</summary>
    public void Field(int number, string value)
    {
        if (value.Length > 0)
        {
            LengthField(number, Encoding.UTF8.GetByteCount(value));
            _position += Encoding.UTF8.GetBytes(value, _destination[_position..]);
        }
    }

    /// <summary>A float field, written even if 0.</summary>
    public void Field(int number, float value)
    {
        Tag(number, 5);
        Float(value);
    }

    /// <summary>A double field, written even if 0.</summary>
    public void Field(int number, double value)
    {
        Tag(number, 1);
        BinaryPrimitives.WriteDoubleLittleEndian(_destination[_position..], value);
        _position += sizeof(double);
    }

    public void Float(float value)
    {
        BinaryPrimitives.WriteSingleLittleEndian(_destination[_position..], value);
        _position += sizeof(float);
    }

    /// <summary>Tag and length of a length-delimited field, whose bytes follow.</summary>
    public void LengthField(int number, int length)
    {
        Tag(number, 2);
        Varint((ulong)length);
    }

    private void Tag(int number, int wireType) => _destination[_position++] = (byte)((number << 3) | wireType);
}

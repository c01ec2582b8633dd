using System.Globalization;
using System.Text;

namespace Pantheon.Serving.Observability;

/// <summary>A growing UTF-8 buffer that is kept between scrapes, so that a scrape allocates next to nothing.</summary>
internal sealed class PrometheusText(int capacity)
{
    private byte[] _buffer = new byte[capacity];
    private int _length;

    /// <summary>Bytes written so far.</summary>
    public int Length => _length;

    public ReadOnlySpan<byte> Written => _buffer.AsSpan(0, _length);

    /// <summary>Takes back everything after the first <paramref name="length"/> bytes.</summary>
    public void Truncate(int length)
    {
        ArgumentOutOfRangeException.ThrowIfGreaterThan(length, _length);
        _length = length;
    }

    public void Append(scoped ReadOnlySpan<byte> utf8)
    {
        utf8.CopyTo(Room(utf8.Length));
        Grow(utf8.Length);
    }

    public void Append(string text) => Grow(Encoding.UTF8.GetBytes(text, Room(Encoding.UTF8.GetMaxByteCount(text.Length))));

    public void Append(long value)
    {
        value.TryFormat(Room(20), out int written, default, CultureInfo.InvariantCulture);
        Grow(written);
    }

    /// <summary>A number as Go writes it (a bucket's bound is a label, so its spelling counts): shortest round-trip digits, NaN, +Inf, -Inf.</summary>
    public void Append(double value)
    {
        if (double.IsFinite(value))
        {
            Span<byte> room = Room(32);
            value.TryFormat(room, out int written, default, CultureInfo.InvariantCulture);
            room[..written].Replace((byte)'E', (byte)'e');
            Grow(written);
        }
        else
        {
            Append(double.IsNaN(value) ? "NaN"u8 : value > 0 ? "+Inf"u8 : "-Inf"u8);
        }
    }

    /// <summary>Text with backslash and newline escaped, and the quotation mark where it would end a label's value.</summary>
    public void AppendEscaped(string text, bool quoted)
    {
        ReadOnlySpan<char> rest = text;
        while (true)
        {
            int special = quoted ? rest.IndexOfAny('\\', '\n', '"') : rest.IndexOfAny('\\', '\n');
            ReadOnlySpan<char> plain = special < 0 ? rest : rest[..special];
            // An unpaired surrogate becomes the replacement character: the output is always valid UTF-8.
            Grow(Encoding.UTF8.GetBytes(plain, Room(Encoding.UTF8.GetMaxByteCount(plain.Length))));
            if (special < 0)
            {
                return;
            }

            Append(rest[special] switch { '\\' => "\\\\"u8, '\n' => "\\n"u8, _ => "\\\""u8 });
            rest = rest[(special + 1)..];
        }
    }

    private Span<byte> Room(int size)
    {
        if (_buffer.Length - _length < size)
        {
            Array.Resize(ref _buffer, Math.Max(_buffer.Length * 2, _length + size));
        }

        return _buffer.AsSpan(_length);
    }

    private void Grow(int written) => _length += written;
}

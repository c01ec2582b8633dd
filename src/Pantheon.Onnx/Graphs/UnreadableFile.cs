using System.Buffers;
using System.Text;
using Google.Protobuf;

namespace Pantheon.Onnx.Graphs;

/// <summary>Says what is wrong with bytes that are no protobuf message, in words that help whoever brought the file.</summary>
internal static class UnreadableFile
{
    private const int ShownCharacters = 40;

    private static readonly SearchValues<byte> Printable =
        SearchValues.Create([.. "\t\n\r"u8, .. Enumerable.Range(' ', '~' - ' ' + 1).Select(code => (byte)code)]);

    public static string Reason(ReadOnlySpan<byte> bytes, InvalidProtocolBufferException exception) =>
        Recognised(bytes) ?? TruncatedAt(bytes) ?? $"it is not a readable protobuf message ({exception.Message})";

    /// <summary>Other kinds of file that are brought under a model's name; null if these bytes are none of them.</summary>
    public static string? Recognised(ReadOnlySpan<byte> bytes)
    {
        // A Git LFS pointer or an HTML error page is the usual case.
        var head = bytes[..Math.Min(bytes.Length, ShownCharacters)];
        if (!head.ContainsAnyExcept(Printable))
        {
            return $"it is text that begins \"{Encoding.ASCII.GetString(head).ReplaceLineEndings(" ")}\"";
        }

        return head.StartsWith("PK\u0003\u0004"u8)
            ? "it is a zip archive (a PyTorch checkpoint is one), not an ONNX file; export the model to ONNX first"
            : null;
    }

    /// <summary>Walks the outermost fields; one that reaches past the end tells a file cut short.</summary>
    private static string? TruncatedAt(ReadOnlySpan<byte> bytes)
    {
        int position = 0;
        while (position < bytes.Length && ReadVarint(bytes, ref position) is { } tag)
        {
            switch (tag & 7)
            {
                case 0 when ReadVarint(bytes, ref position) is not null:
                    continue;
                case 1:
                    position += 8;
                    continue;
                case 5:
                    position += 4;
                    continue;
                case 2 when ReadVarint(bytes, ref position) is { } length:
                    if (length > (ulong)(bytes.Length - position))
                    {
                        return $"it is truncated or damaged: field {tag >> 3} says it has {length} bytes, " +
                            $"and {bytes.Length - position} are left";
                    }

                    position += (int)length;
                    continue;
                default:
                    return null;
            }
        }

        return null;
    }

    private static ulong? ReadVarint(ReadOnlySpan<byte> bytes, ref int position)
    {
        ulong value = 0;
        for (int shift = 0; shift < 64 && position < bytes.Length; shift += 7)
        {
            byte next = bytes[position++];
            value |= (ulong)(next & 0x7F) << shift;
            if (next < 0x80)
            {
                return value;
            }
        }

        return null;
    }
}

using System.Buffers;
using System.Buffers.Binary;
using Grpc.Core;

namespace Grpc.Net.Common;

/// <summary>The five bytes before each message: a compressed flag and the length, big-endian.</summary>
internal static class MessageFrame
{
    public const int HeaderSize = 5;

    public static readonly Status ReceivedTooLarge =
        new(StatusCode.ResourceExhausted, "Received message exceeds the maximum configured message size.");

    public static readonly Status SendingTooLarge =
        new(StatusCode.ResourceExhausted, "Sending message exceeds the maximum configured message size.");

    private static readonly Status CompressedWithoutEncoding =
        new(StatusCode.Internal, "Request did not include grpc-encoding value with compressed message.");

    private static readonly Status CompressedWithIdentity =
        new(StatusCode.Internal, "Request sent 'identity' grpc-encoding value with compressed message.");

    public static void WriteHeader(Span<byte> header, bool compressed, int length)
    {
        header[0] = compressed ? (byte)1 : (byte)0;
        BinaryPrimitives.WriteInt32BigEndian(header[1..], length);
    }

    /// <summary>Reads a header and refuses what is too large before any of it is kept.</summary>
    /// <param name="maxLength">Bytes; null for no limit.</param>
    public static int ReadHeader(ReadOnlySpan<byte> header, int? maxLength, out bool compressed)
    {
        compressed = header[0] switch
        {
            0 => false,
            1 => true,
            _ => throw new InvalidDataException("Unexpected compressed flag value in message header."),
        };
        var length = BinaryPrimitives.ReadUInt32BigEndian(header[1..]);
        if (length > (uint)(maxLength ?? int.MaxValue))
        {
            throw new RpcException(ReceivedTooLarge);
        }

        return (int)length;
    }

    /// <summary>A refusal when a message came compressed by what <paramref name="encoding"/> names and we cannot read, else null.</summary>
    public static Status? WhyNotReadable(string? encoding) => encoding switch
    {
        ProtocolHeaders.Gzip => null,
        null => CompressedWithoutEncoding,
        ProtocolHeaders.Identity => CompressedWithIdentity,
        _ => new Status(
            StatusCode.Unimplemented,
            $"Unsupported grpc-encoding value '{encoding}'. Supported encodings: {ProtocolHeaders.Supported}"),
    };

    public static string Describe(Exception exception)
    {
        var text = $"{exception.GetType().Name}: {exception.Message}";
        for (var inner = exception.InnerException; inner is not null; inner = inner.InnerException)
        {
            text += $" {inner.GetType().Name}: {inner.Message}";
        }

        return text;
    }
}

using System.Buffers;
using System.IO.Compression;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>One request serialized into a pooled buffer, behind its header, ready to be sent in one write.</summary>
internal sealed class MessageBuffer : SerializationContext, IDisposable
{
    private readonly int? _maxLength;
    private readonly bool _compress;
    private PooledBuffer? _buffer;
    private bool _complete;

    private MessageBuffer(int? maxLength, bool compress)
    {
        _maxLength = maxLength;
        _compress = compress;
    }

    public ReadOnlyMemory<byte> Framed => _buffer!.Written;

    public static MessageBuffer Serialize<TRequest, TResponse>(
        GrpcCall<TRequest, TResponse> call, TRequest message, WriteOptions? options)
        where TRequest : class
        where TResponse : class
    {
        var compress = call.RequestEncoding is { } encoding and not ProtocolHeaders.Identity
            && (encoding == ProtocolHeaders.Gzip
                ? (options?.Flags & WriteFlags.NoCompress) != WriteFlags.NoCompress
                : throw new InvalidOperationException($"Could not find compression provider for '{encoding}'."));
        var buffer = new MessageBuffer(call.Channel.MaxSend, compress);
        try
        {
            call.Method.RequestMarshaller.ContextualSerializer(message, buffer);
            buffer.Finish();
            return buffer;
        }
        catch
        {
            buffer.Dispose();
            throw;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ThrowIfTooLarge(payloadLength);
        _buffer ??= WithHeader(payloadLength);
    }

    public override IBufferWriter<byte> GetBufferWriter() => _buffer ??= WithHeader(4096);

    public override void Complete()
    {
        _buffer ??= WithHeader(0);
        _complete = true;
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        SetPayloadLength(payload.Length);
        _buffer!.Write(payload);
        _complete = true;
    }

    public void Dispose()
    {
        _buffer?.Dispose();
        _buffer = null;
    }

    private static PooledBuffer WithHeader(int payloadLength)
    {
        var buffer = new PooledBuffer(MessageFrame.HeaderSize + payloadLength);
        buffer.GetSpan(MessageFrame.HeaderSize);
        buffer.Advance(MessageFrame.HeaderSize);
        return buffer;
    }

    private void Finish()
    {
        if (!_complete)
        {
            throw new InvalidOperationException("The serializer did not complete its message.");
        }

        ThrowIfTooLarge(_buffer!.Length - MessageFrame.HeaderSize);
        if (_compress)
        {
            var compressed = WithHeader(_buffer.Length / 2);
            Gzip.Compress(_buffer.WrittenSpan[MessageFrame.HeaderSize..], CompressionLevel.Fastest, compressed);
            _buffer.Dispose();
            _buffer = compressed;
        }

        MessageFrame.WriteHeader(_buffer.WrittenSpan, _compress, _buffer.Length - MessageFrame.HeaderSize);
    }

    private void ThrowIfTooLarge(int length)
    {
        if (length > _maxLength)
        {
            throw new RpcException(MessageFrame.SendingTooLarge);
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>
/// Puts messages into Kestrel's pipe. A serializer that first says how long its message is writes straight into the pipe, behind
/// the header; one that does not, or whose message is compressed, writes into a pooled buffer.
/// </summary>
internal sealed class MessageWriter(CallSettings settings) : SerializationContext
{
    private PipeWriter? _pipe;
    private PooledBuffer? _buffer;
    private bool _compress;
    private bool _direct;
    private bool _complete;
    private int? _length;

    public void Write<T>(T message, Action<T, SerializationContext> serializer, PipeWriter pipe, bool compress)
    {
        _pipe = pipe;
        _compress = compress;
        _direct = false;
        _complete = false;
        _length = null;
        try
        {
            serializer(message, this);
            if (!_complete)
            {
                throw new InvalidOperationException("The serializer did not complete its message.");
            }
        }
        finally
        {
            _pipe = null;
            _buffer?.Dispose();
            _buffer = null;
        }
    }

    public override void SetPayloadLength(int payloadLength)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(payloadLength);
        if (_direct || _buffer is not null)
        {
            throw new InvalidOperationException("The payload length must be set before the payload is written.");
        }

        ThrowIfTooLarge(payloadLength);
        _length = payloadLength;
    }

    public override IBufferWriter<byte> GetBufferWriter()
    {
        var pipe = Pipe();
        if (_direct)
        {
            return pipe;
        }

        if (_compress || _length is not { } length)
        {
            return _buffer ??= new PooledBuffer(_length ?? 4096);
        }

        WriteHeader(pipe, compressed: false, length);
        _direct = true;
        return pipe;
    }

    public override void Complete()
    {
        var pipe = Pipe();
        if (!_direct)
        {
            Send(pipe, _buffer is null ? default : _buffer.WrittenSpan);
        }

        _complete = true;
    }

    public override void Complete(byte[] payload)
    {
        ArgumentNullException.ThrowIfNull(payload);
        var pipe = Pipe();
        if (_direct || _buffer is not null)
        {
            throw new InvalidOperationException("A message is either written to the buffer writer or given whole.");
        }

        Send(pipe, payload);
        _complete = true;
    }

    private static void WriteHeader(PipeWriter pipe, bool compressed, int length)
    {
        MessageFrame.WriteHeader(pipe.GetSpan(MessageFrame.HeaderSize), compressed, length);
        pipe.Advance(MessageFrame.HeaderSize);
    }

    private void Send(PipeWriter pipe, ReadOnlySpan<byte> payload)
    {
        ThrowIfTooLarge(payload.Length);
        if (!_compress)
        {
            WriteHeader(pipe, compressed: false, payload.Length);
            pipe.Write(payload);
            return;
        }

        using var compressed = new PooledBuffer();
        Gzip.Compress(payload, settings.CompressionLevel, compressed);
        WriteHeader(pipe, compressed: true, compressed.Length);
        pipe.Write(compressed.WrittenSpan);
    }

    private PipeWriter Pipe() => _pipe is not null && !_complete
        ? _pipe
        : throw new InvalidOperationException("The message is complete.");

    private void ThrowIfTooLarge(int length)
    {
        if (length > settings.MaxSend)
        {
            throw new RpcException(MessageFrame.SendingTooLarge);
        }
    }
}

using System.Buffers;
using System.IO.Pipelines;
using Grpc.Core;
using Grpc.Net.Common;
using Microsoft.AspNetCore.Http;

namespace Grpc.AspNetCore.Server.Calls;

/// <summary>Reads messages; a deserializer sees an uncompressed one where Kestrel has it, uncopied, and only while it runs.</summary>
internal sealed class MessageReader(HttpServerCallContext call) : DeserializationContext
{
    private static readonly Status Cancelled = new(StatusCode.Internal, "Incoming message cancelled.");
    private static readonly Status Additional = new(StatusCode.Internal, "Additional data after the message received.");
    private static readonly Status Incomplete = new(StatusCode.Internal, "Incomplete message.");

    private ReadOnlySequence<byte>? _payload;

    public override int PayloadLength => (int)Payload.Length;

    private ReadOnlySequence<byte> Payload =>
        _payload ?? throw new InvalidOperationException("The payload is there only while its message is deserialized.");

    public override byte[] PayloadAsNewBuffer() => Payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Payload;

    /// <summary>The one message of a request, and nothing after it.</summary>
    public async ValueTask<T> ReadSingleAsync<T>(PipeReader body, Func<DeserializationContext, T> deserializer)
        where T : class
    {
        T? message = null;
        while (true)
        {
            var result = await body.ReadAsync();
            if (result.IsCanceled)
            {
                throw new RpcException(Cancelled);
            }

            var rest = result.Buffer;
            try
            {
                if (message is null)
                {
                    TryRead(ref rest, deserializer, out message);
                }

                if (message is not null && !rest.IsEmpty)
                {
                    throw new RpcException(Additional);
                }
            }
            finally
            {
                body.AdvanceTo(rest.Start, rest.End);
            }

            if (result.IsCompleted)
            {
                return message ?? throw new RpcException(Incomplete);
            }
        }
    }

    /// <summary>The next message of a stream, or null at its end.</summary>
    public async ValueTask<T?> ReadNextAsync<T>(
        PipeReader body, Func<DeserializationContext, T> deserializer, CancellationToken cancellationToken)
        where T : class
    {
        while (true)
        {
            var result = await body.ReadAsync(cancellationToken);
            if (result.IsCanceled)
            {
                throw new RpcException(Cancelled);
            }

            var rest = result.Buffer;
            var read = false;
            try
            {
                if (read = TryRead(ref rest, deserializer, out T? message))
                {
                    return message;
                }

                if (result.IsCompleted)
                {
                    return rest.IsEmpty ? null : throw new RpcException(Incomplete);
                }
            }
            finally
            {
                // After a message what follows is not examined: it may hold the next one, to be read without waiting.
                body.AdvanceTo(rest.Start, read ? rest.Start : rest.End);
            }
        }
    }

    private bool TryRead<T>(ref ReadOnlySequence<byte> buffer, Func<DeserializationContext, T> deserializer, out T? message)
        where T : class
    {
        message = null;
        if (buffer.Length < MessageFrame.HeaderSize)
        {
            return false;
        }

        Span<byte> header = stackalloc byte[MessageFrame.HeaderSize];
        buffer.Slice(0, MessageFrame.HeaderSize).CopyTo(header);
        var length = MessageFrame.ReadHeader(header, call.Settings.MaxReceive, out var compressed);
        if (buffer.Length - MessageFrame.HeaderSize < length)
        {
            return false;
        }

        var payload = buffer.Slice(MessageFrame.HeaderSize, length);
        message = compressed ? DeserializeCompressed(payload, deserializer) : Deserialize(payload, deserializer);
        buffer = buffer.Slice(payload.End);
        return true;
    }

    private T Deserialize<T>(in ReadOnlySequence<byte> payload, Func<DeserializationContext, T> deserializer)
    {
        _payload = payload;
        try
        {
            return deserializer(this);
        }
        finally
        {
            _payload = null;
        }
    }

    private T DeserializeCompressed<T>(in ReadOnlySequence<byte> compressed, Func<DeserializationContext, T> deserializer)
    {
        if (MessageFrame.WhyNotReadable(call.RequestEncoding) is { } refusal)
        {
            if (refusal.StatusCode == StatusCode.Unimplemented && !call.Http.Response.HasStarted)
            {
                call.Http.Response.Headers[ProtocolHeaders.AcceptEncoding] = ProtocolHeaders.Accepted;
            }

            throw new RpcException(refusal);
        }

        using var inflated = new PooledBuffer();
        Gzip.Decompress(compressed, call.Settings.MaxReceive, inflated);
        return Deserialize(new ReadOnlySequence<byte>(inflated.Written), deserializer);
    }
}

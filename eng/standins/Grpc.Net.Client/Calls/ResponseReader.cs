using System.Buffers;
using Grpc.Core;
using Grpc.Net.Common;

namespace Grpc.Net.Client.Calls;

/// <summary>Reads messages from a response, each whole in one pooled buffer while it is deserialized.</summary>
internal sealed class ResponseReader : DeserializationContext, IDisposable
{
    private readonly Stream _stream;
    private readonly string? _encoding;
    private readonly int? _maxLength;
    private byte[] _buffer = [];
    private int _start;
    private int _end;
    private ReadOnlySequence<byte>? _payload;

    private ResponseReader(Stream stream, string? encoding, int? maxLength)
    {
        _stream = stream;
        _encoding = encoding;
        _maxLength = maxLength;
    }

    public override int PayloadLength => (int)Payload.Length;

    private ReadOnlySequence<byte> Payload =>
        _payload ?? throw new InvalidOperationException("The payload is there only while its message is deserialized.");

    public static async Task<ResponseReader> OpenAsync(HttpResponseMessage response, int? maxLength, CancellationToken cancellationToken)
    {
        var encoding = response.Headers.NonValidated.TryGetValues(ProtocolHeaders.Encoding, out var values) ? values.ToString() : null;
        return new ResponseReader(
            await response.Content.ReadAsStreamAsync(cancellationToken).ConfigureAwait(false), encoding, maxLength);
    }

    public override byte[] PayloadAsNewBuffer() => Payload.ToArray();

    public override ReadOnlySequence<byte> PayloadAsReadOnlySequence() => Payload;

    /// <summary>The next message, or null at the end of the response.</summary>
    public async ValueTask<T?> ReadAsync<T>(Func<DeserializationContext, T> deserializer, CancellationToken cancellationToken)
        where T : class
    {
        if (!await FillAsync(MessageFrame.HeaderSize, cancellationToken).ConfigureAwait(false))
        {
            return _end == _start ? null : throw new InvalidDataException("Unexpected end of content while reading the message header.");
        }

        var length = MessageFrame.ReadHeader(_buffer.AsSpan(_start), _maxLength, out var compressed);
        if (!await FillAsync(MessageFrame.HeaderSize + length, cancellationToken).ConfigureAwait(false))
        {
            throw new InvalidDataException("Unexpected end of content while reading the message content.");
        }

        var payload = new ReadOnlySequence<byte>(_buffer, _start + MessageFrame.HeaderSize, length);
        _start += MessageFrame.HeaderSize + length;
        return compressed ? DeserializeCompressed(payload, deserializer) : Deserialize(payload, deserializer);
    }

    public void Dispose()
    {
        var buffer = _buffer;
        _buffer = [];
        _start = _end = 0;
        if (buffer.Length > 0)
        {
            ArrayPool<byte>.Shared.Return(buffer);
        }
    }

    /// <summary>Has so many bytes at hand; false if the response ends before.</summary>
    private async ValueTask<bool> FillAsync(int count, CancellationToken cancellationToken)
    {
        while (_end - _start < count)
        {
            if (_end == _start)
            {
                // Nothing is kept while nothing has come: a stream may be silent for long.
                Dispose();
                await _stream.ReadAsync(Memory<byte>.Empty, cancellationToken).ConfigureAwait(false);
            }

            MakeRoom(count);
            var read = await _stream.ReadAsync(_buffer.AsMemory(_end), cancellationToken).ConfigureAwait(false);
            if (read == 0)
            {
                return false;
            }

            _end += read;
        }

        return true;
    }

    private void MakeRoom(int count)
    {
        if (_buffer.Length - _start >= count && _end < _buffer.Length)
        {
            return;
        }

        var rest = _buffer.AsSpan(_start, _end - _start);
        if (_buffer.Length >= count && _start > 0)
        {
            rest.CopyTo(_buffer);
        }
        else
        {
            var larger = ArrayPool<byte>.Shared.Rent(Math.Max(count, 4096));
            rest.CopyTo(larger);
            if (_buffer.Length > 0)
            {
                ArrayPool<byte>.Shared.Return(_buffer);
            }

            _buffer = larger;
        }

        _end -= _start;
        _start = 0;
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
        if (MessageFrame.WhyNotReadable(_encoding) is { } refusal)
        {
            throw new RpcException(refusal);
        }

        using var inflated = new PooledBuffer();
        Gzip.Decompress(compressed, _maxLength, inflated);
        return Deserialize(new ReadOnlySequence<byte>(inflated.Written), deserializer);
    }
}

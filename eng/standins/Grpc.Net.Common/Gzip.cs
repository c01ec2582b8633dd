using System.Buffers;
using System.IO.Compression;
using Grpc.Core;

namespace Grpc.Net.Common;

/// <summary>The one compression in use.</summary>
internal static class Gzip
{
    public static void Compress(ReadOnlySpan<byte> data, CompressionLevel level, IBufferWriter<byte> destination)
    {
        using var gzip = new GZipStream(new WriterStream(destination), level);
        gzip.Write(data);
    }

    /// <summary>Inflates no further than one byte past the limit: a small message cannot make a large one.</summary>
    public static void Decompress(in ReadOnlySequence<byte> data, int? maxLength, PooledBuffer destination)
    {
        using var gzip = new GZipStream(new SequenceStream(data), CompressionMode.Decompress);
        while (true)
        {
            var read = gzip.Read(destination.GetSpan(4096));
            if (read == 0)
            {
                return;
            }

            destination.Advance(read);
            if (destination.Length > (maxLength ?? int.MaxValue))
            {
                throw new RpcException(MessageFrame.ReceivedTooLarge);
            }
        }
    }

    private sealed class SequenceStream(ReadOnlySequence<byte> rest) : OneWayStream
    {
        private ReadOnlySequence<byte> _rest = rest;

        public override bool CanRead => true;

        public override int Read(Span<byte> buffer)
        {
            var count = (int)Math.Min(buffer.Length, _rest.Length);
            _rest.Slice(0, count).CopyTo(buffer);
            _rest = _rest.Slice(count);
            return count;
        }

        public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));
    }

    private sealed class WriterStream(IBufferWriter<byte> destination) : OneWayStream
    {
        public override bool CanWrite => true;

        public override void Write(ReadOnlySpan<byte> buffer) => destination.Write(buffer);

        public override void Write(byte[] buffer, int offset, int count) => destination.Write(buffer.AsSpan(offset, count));
    }

    private abstract class OneWayStream : Stream
    {
        public override bool CanRead => false;

        public override bool CanWrite => false;

        public override bool CanSeek => false;

        public override long Length => throw new NotSupportedException();

        public override long Position { get => throw new NotSupportedException(); set => throw new NotSupportedException(); }

        public override void Flush()
        {
        }

        public override int Read(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

        public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

        public override void SetLength(long value) => throw new NotSupportedException();
    }
}

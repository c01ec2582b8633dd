using System.Buffers.Binary;
using System.Security.Cryptography;

namespace Pantheon.Learning.Optimizers;

/// <summary>Reads little-endian numbers and adds every byte to a hash.</summary>
internal sealed class HashedReader(Stream source, IncrementalHash hash)
{
    private readonly byte[] _small = new byte[64];

    public int Int32() => BinaryPrimitives.ReadInt32LittleEndian(Bytes(sizeof(int)));

    public long Int64() => BinaryPrimitives.ReadInt64LittleEndian(Bytes(sizeof(long)));

    /// <summary>The next bytes, at most 64, until the next call.</summary>
    public ReadOnlySpan<byte> Bytes(int count)
    {
        Fill(_small.AsSpan(0, count));
        return _small.AsSpan(0, count);
    }

    public void Fill(Span<byte> bytes)
    {
        Exactly(source, bytes);
        hash.AppendData(bytes);
    }

    public static void Exactly(Stream source, Span<byte> bytes)
    {
        if (source.ReadAtLeast(bytes, bytes.Length, throwOnEndOfStream: false) < bytes.Length)
        {
            throw new InvalidDataException("the state ends too early");
        }
    }
}

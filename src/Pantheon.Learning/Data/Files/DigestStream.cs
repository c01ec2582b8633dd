using System.Security.Cryptography;

namespace Pantheon.Learning.Data;

/// <summary>Reads a file, takes the SHA-256 of the bytes on their way, and then gives some bytes that the file does not have.</summary>
/// <param name="inner">The file; owned.</param>
/// <param name="tail">What follows the file; not part of digest and position.</param>
internal sealed class DigestStream(FileStream inner, byte[] tail) : Stream
{
    private int _tailRead;

    private readonly IncrementalHash _hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
    private long _position;

    public override bool CanRead => true;

    public override bool CanSeek => false;

    public override bool CanWrite => false;

    public override long Length => throw new NotSupportedException();

    /// <summary>Bytes read so far. Other threads look at it to report progress.</summary>
    public override long Position
    {
        get => Volatile.Read(ref _position);
        set => throw new NotSupportedException();
    }

    public override int Read(Span<byte> buffer)
    {
        var read = inner.Read(buffer);
        if (read == 0)
        {
            var rest = tail.AsSpan(_tailRead);
            rest = rest[..Math.Min(rest.Length, buffer.Length)];
            rest.CopyTo(buffer);
            _tailRead += rest.Length;
            return rest.Length;
        }

        _hash.AppendData(buffer[..read]);
        Volatile.Write(ref _position, _position + read);
        return read;
    }

    public override int Read(byte[] buffer, int offset, int count) => Read(buffer.AsSpan(offset, count));

    /// <summary>Lower-case hex digest of the whole file; what nobody read yet is read now.</summary>
    public string Finish()
    {
        var rest = new byte[1 << 16];
        while (Read(rest) > 0)
        {
        }

        return Convert.ToHexStringLower(_hash.GetHashAndReset());
    }

    public override void Flush()
    {
    }

    public override long Seek(long offset, SeekOrigin origin) => throw new NotSupportedException();

    public override void SetLength(long value) => throw new NotSupportedException();

    public override void Write(byte[] buffer, int offset, int count) => throw new NotSupportedException();

    protected override void Dispose(bool disposing)
    {
        if (disposing)
        {
            inner.Dispose();
            _hash.Dispose();
        }

        base.Dispose(disposing);
    }
}

using System.IO.Compression;

namespace Pantheon.Learning.Data;

/// <summary>
/// One table on disk, plain or gzip, read in blocks of whole lines. Whoever holds its lock reads the next block; parsing needs no lock,
/// so one thread inflates while others parse.
/// </summary>
internal sealed class TableFile : IDisposable
{
    public const int BlockBytes = 1 << 20;

    private const int LongestLine = 1 << 24;

    // GZipStream ends without an error where a file is cut off. So the file is followed by one more gzip member, whose content must come
    // out at the end; after a cut it does not. It has no line break, so it is always behind the last whole line.
    private static readonly byte[] s_seal = "\u0003end of the gzip file, as written by its reader"u8.ToArray();
    private static readonly byte[] s_sealMember = Compressed(s_seal);

    private readonly DigestStream _bytes;
    private readonly Stream _text;
    private readonly bool _isGzip;
    private byte[] _carry = [];
    private int _carried;
    private long _nextLine = 2;
    private int _blocks;

    private TableFile(string path)
    {
        Name = Path.GetFileName(path);
        // Sequential, and our blocks are the buffer.
        var file = new FileStream(path, FileMode.Open, FileAccess.Read, FileShare.Read, 1, FileOptions.SequentialScan);
        Bytes = file.Length;
        _isGzip = path.EndsWith(".gz", StringComparison.OrdinalIgnoreCase);
        _bytes = new DigestStream(file, _isGzip ? s_sealMember : []);
        _text = _isGzip ? new GZipStream(_bytes, CompressionMode.Decompress) : _bytes;
    }

    public string Name { get; }

    /// <summary>Size on disk.</summary>
    public long Bytes { get; }

    /// <summary>Bytes on disk that were read so far.</summary>
    public long BytesRead => _bytes.Position;

    public TableHeader Header { get; private set; } = null!;

    /// <summary>Null until the last block was read.</summary>
    public string? Sha256 { get; private set; }

    /// <exception cref="DataException">It cannot be opened, or has no header.</exception>
    public static TableFile Open(string path)
    {
        TableFile? file = null;
        try
        {
            file = new TableFile(path);
            file.ReadHeader();
            return file;
        }
        catch (Exception error)
        {
            file?.Dispose();
            if (error is IOException or UnauthorizedAccessException)
            {
                throw new DataException($"{Path.GetFileName(path)}: cannot be read: {error.Message}", error);
            }

            throw;
        }
    }

    /// <summary>Fills the block with the next lines. The caller holds this file's lock.</summary>
    /// <returns>False at the end of the file.</returns>
    public bool Read(TextBlock block)
    {
        if (Sha256 is not null)
        {
            return false;
        }

        block.Reserve(Math.Max(BlockBytes, _carried * 2), 0);
        _carry.AsSpan(0, _carried).CopyTo(block.Bytes);
        var filled = _carried;
        var lines = -1;
        while (lines < 0)
        {
            var read = ReadSome(block.Bytes.AsSpan(filled));
            filled += read;
            if (read == 0)
            {
                filled = Unsealed(block.Bytes, filled);
                Sha256 = _bytes.Finish();
                break;
            }

            if (filled == block.Bytes.Length)
            {
                lines = block.Bytes.AsSpan(0, filled).LastIndexOf((byte)'\n');
                if (lines < 0)
                {
                    block.Reserve(NextSize(filled), filled);
                }
            }
        }

        var length = lines < 0 ? filled : lines + 1;
        Carry(block.Bytes.AsSpan(length, filled - length));
        block.Set(length, _nextLine, _blocks++);
        _nextLine += block.Bytes.AsSpan(0, length).Count((byte)'\n');
        return length > 0;
    }

    public void Dispose()
    {
        _text.Dispose();
        _bytes.Dispose();
    }

    private void ReadHeader()
    {
        var start = new byte[1 << 16];
        var filled = 0;
        int end;
        while ((end = start.AsSpan(0, filled).IndexOf((byte)'\n')) < 0)
        {
            if (filled == start.Length)
            {
                Array.Resize(ref start, NextSize(filled));
            }

            var read = ReadSome(start.AsSpan(filled));
            filled += read;
            if (read == 0)
            {
                filled = Unsealed(start, filled);
                end = filled;
                Sha256 = _bytes.Finish();
                break;
            }
        }

        var line = start.AsSpan(0, end);
        if (line.StartsWith("\uFEFF"u8))
        {
            line = line[3..];
        }

        Header = TableHeader.Parse(Name, line.TrimEnd((byte)'\r').ToArray());
        Carry(start.AsSpan(Math.Min(end + 1, filled), filled - Math.Min(end + 1, filled)));
    }

    private int ReadSome(Span<byte> buffer)
    {
        try
        {
            return _text.Read(buffer);
        }
        catch (InvalidDataException error)
        {
            throw new DataException(
                $"{Name}: damaged or no gzip, noticed in the first {BytesRead} of {Bytes} bytes; expected a gzip file", error);
        }
        catch (IOException error)
        {
            throw new DataException($"{Name}: cannot be read after {BytesRead} of {Bytes} bytes: {error.Message}", error);
        }
    }

    /// <summary>Takes the seal off the end of the text.</summary>
    /// <returns>Where the file's own text ends.</returns>
    private int Unsealed(byte[] text, int length)
    {
        if (!_isGzip)
        {
            return length;
        }

        return text.AsSpan(0, length).EndsWith(s_seal)
            ? length - s_seal.Length
            : throw new DataException(
                $"{Name}: the gzip data is cut off after {Bytes} bytes, or something follows it; expected a whole gzip file");
    }

    private int NextSize(int size) => size < LongestLine
        ? size * 2
        : throw new DataException($"{Name}: line {_nextLine} is longer than {LongestLine} bytes; expected a table with a row on each line");

    private void Carry(ReadOnlySpan<byte> rest)
    {
        if (_carry.Length < rest.Length)
        {
            _carry = new byte[rest.Length];
        }

        rest.CopyTo(_carry);
        _carried = rest.Length;
    }

    private static byte[] Compressed(byte[] content)
    {
        using var compressed = new MemoryStream();
        using (var gzip = new GZipStream(compressed, CompressionLevel.Fastest))
        {
            gzip.Write(content);
        }

        return compressed.ToArray();
    }
}

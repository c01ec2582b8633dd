using System.Buffers.Binary;
using System.Runtime.InteropServices;
using System.Security.Cryptography;
using System.Text;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// The bytes of a state, all little-endian: magic, version, kind, rows, width, options, steps, then each buffer's length and float32s,
/// then the SHA-256 of everything before it. A buffer's length is checked before anything is allocated for it.
/// </summary>
internal static class OptimizerFile
{
    private const int Version = 1;
    private const int LongestName = 64;
    private const int MostSettings = 64;

    /// <summary>Numbers written at a time.</summary>
    private const int Chunk = 1 << 20;

    // The line end shows a transfer that took the file for text.
    private static ReadOnlySpan<byte> Magic => "PNTHOPT\n"u8;

    public static void Write(Stream destination, OptimizerHeader header, long steps, float[][] buffers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var start = new MemoryStream();
        using (var writer = new BinaryWriter(start, Encoding.UTF8, leaveOpen: true))
        {
            writer.Write(Magic);
            writer.Write(Version);
            WriteName(writer, header.Kind);
            writer.Write(header.Rows);
            writer.Write(header.Width);
            writer.Write(header.Settings.Length);
            foreach ((string name, double value) in header.Settings)
            {
                WriteName(writer, name);
                writer.Write(value);
            }

            writer.Write(steps);
            writer.Write(buffers.Length);
        }

        Put(start.GetBuffer().AsSpan(0, (int)start.Length));
        Span<byte> length = stackalloc byte[sizeof(int)];
        foreach (float[] buffer in buffers)
        {
            BinaryPrimitives.WriteInt32LittleEndian(length, buffer.Length);
            Put(length);
            // Two gigabytes of float32 are more bytes than a span can count.
            for (int at = 0; at < buffer.Length; at += Chunk)
            {
                Put(MemoryMarshal.AsBytes(buffer.AsSpan(at, Math.Min(Chunk, buffer.Length - at))));
            }
        }

        destination.Write(hash.GetHashAndReset());

        void Put(ReadOnlySpan<byte> bytes)
        {
            hash.AppendData(bytes);
            destination.Write(bytes);
        }
    }


    /// <summary>Fills the buffers, after all is checked.</summary>
    /// <returns>The steps that the state had done.</returns>
    public static long Read(Stream source, OptimizerHeader expected, float[][] buffers)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        var reader = new HashedReader(source, hash);
        if (!reader.Bytes(Magic.Length).SequenceEqual(Magic))
        {
            throw new InvalidDataException("not the state of an optimizer: it does not begin with PNTHOPT");
        }

        if (reader.Int32() is var version && version != Version)
        {
            throw new InvalidDataException($"the state is of format {version}, expected {Version}");
        }

        string kind = ReadName(reader);
        (int rows, int width, int count) = (reader.Int32(), reader.Int32(), reader.Int32());
        if (count is < 0 or > MostSettings)
        {
            throw new InvalidDataException($"the state names {count} options, expected at most {MostSettings}");
        }

        var settings = new (string Name, double Value)[count];
        for (int index = 0; index < count; index++)
        {
            settings[index] = (ReadName(reader), BitConverter.Int64BitsToDouble(reader.Int64()));
        }

        if (expected.Difference(new OptimizerHeader(kind, rows, width, settings)) is { } difference)
        {
            throw new InvalidDataException(difference);
        }

        long steps = reader.Int64();
        if (steps < 0 || reader.Int32() is var parts && parts != buffers.Length)
        {
            throw new InvalidDataException("the state's counts of steps or buffers make no sense");
        }

        var read = new float[buffers.Length][];
        for (int index = 0; index < buffers.Length; index++)
        {
            int length = reader.Int32();
            if (length != buffers[index].Length)
            {
                throw new InvalidDataException($"buffer {index} of the state has {length} numbers, expected {buffers[index].Length}");
            }

            read[index] = GC.AllocateUninitializedArray<float>(length);
            for (int at = 0; at < length; at += Chunk)
            {
                reader.Fill(MemoryMarshal.AsBytes(read[index].AsSpan(at, Math.Min(Chunk, length - at))));
            }
        }

        byte[] digest = hash.GetHashAndReset();
        Span<byte> written = stackalloc byte[SHA256.HashSizeInBytes];
        HashedReader.Exactly(source, written);
        if (!written.SequenceEqual(digest))
        {
            throw new InvalidDataException("the state is damaged: its SHA-256 is not that of its bytes");
        }

        for (int index = 0; index < buffers.Length; index++)
        {
            read[index].CopyTo(buffers[index], 0);
        }

        return steps;
    }

    private static void WriteName(BinaryWriter writer, string name)
    {
        byte[] bytes = Encoding.UTF8.GetBytes(name);
        writer.Write(bytes.Length);
        writer.Write(bytes);
    }

    private static string ReadName(HashedReader reader)
    {
        int length = reader.Int32();
        return length is >= 0 and <= LongestName
            ? Encoding.UTF8.GetString(reader.Bytes(length))
            : throw new InvalidDataException($"a name in the state has {length} bytes, expected at most {LongestName}");
    }
}

using System.Buffers.Binary;

namespace Pantheon.Exposures.Rankings;

/// <summary>Ids of rankings: UUIDs of version 7 (RFC 9562), whose first 48 bits are the Unix time in milliseconds.</summary>
public static class RankingId
{
    private const int Version = 7;

    /// <summary>A new id, for a ranking that is returned now.</summary>
    public static Guid New(DateTimeOffset at) => Guid.CreateVersion7(at);

    /// <summary>The time that a version 7 id carries, in milliseconds; false for any other id.</summary>
    public static bool TryTimeOf(Guid id, out DateTimeOffset at)
    {
        at = default;
        if (id.Version != Version || id.Variant is < 8 or > 11)
        {
            return false;
        }

        var milliseconds = Milliseconds(id);
        if (milliseconds > DateTimeOffset.MaxValue.ToUnixTimeMilliseconds())
        {
            return false;
        }

        at = DateTimeOffset.FromUnixTimeMilliseconds(milliseconds);
        return true;
    }

    internal static DateTimeOffset TimeOf(Guid id) =>
        TryTimeOf(id, out var at) ? at : throw new ArgumentException($"ranking_id: got {id}, expected a UUID of version 7");

    /// <summary>The time in an id, or in the bound that <see cref="Floor"/> gave.</summary>
    internal static DateTimeOffset ClockOf(Guid id) => DateTimeOffset.FromUnixTimeMilliseconds(Milliseconds(id));

    /// <summary>The lowest of all ids of this millisecond, in the order of their bytes.</summary>
    internal static Guid Floor(DateTimeOffset at)
    {
        Span<byte> bytes = stackalloc byte[16];
        bytes.Clear();
        BinaryPrimitives.WriteUInt64BigEndian(bytes, (ulong)at.ToUnixTimeMilliseconds() << 16);
        return new Guid(bytes, bigEndian: true);
    }

    private static long Milliseconds(Guid id)
    {
        Span<byte> bytes = stackalloc byte[16];
        id.TryWriteBytes(bytes, bigEndian: true, out _);
        return (long)(BinaryPrimitives.ReadUInt64BigEndian(bytes) >> 16);
    }
}

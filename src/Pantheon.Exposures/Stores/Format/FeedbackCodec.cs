using System.Security.Cryptography;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Stores.Format;

/// <summary>
/// A report's stored form, one for all reports that say the same: items merged and in the order of ranks, outcomes in the order of
/// names. Version 1: version, number of items, for each the rank, the shown position and 1 (0: none), number of outcomes, names and values.
/// </summary>
internal static class FeedbackCodec
{
    private const byte Version = 1;

    public static byte[] Encode(FeedbackReport report, BlobWriter to)
    {
        var items = MergedItem.ByRank(report.Items);
        to.Clear();
        to.Byte(Version);
        to.Unsigned((ulong)items.Count);
        foreach (var (rank, item) in items)
        {
            to.Unsigned((ulong)rank);
            to.Unsigned(item.ShownPosition is { } shown ? (ulong)shown + 1 : 0);
            to.Unsigned((ulong)item.Outcomes.Count);
            foreach (var (name, value) in item.Outcomes)
            {
                to.Text(name);
                to.Double(value);
            }
        }

        return to.ToArray();
    }

    /// <summary>What tells two reports of a ranking apart: the first half of the form's SHA-256.</summary>
    public static Guid Fingerprint(ReadOnlySpan<byte> blob) => new(SHA256.HashData(blob).AsSpan(0, 16), bigEndian: true);

    /// <exception cref="ExposureStoreException">Not what <see cref="Encode"/> wrote.</exception>
    public static FeedbackReport Decode(Guid rankingId, ReadOnlySpan<byte> blob)
    {
        var from = new BlobReader(blob);
        var version = from.Byte();
        if (version != Version)
        {
            throw new ExposureStoreException($"a stored report has form {version}, this version reads {Version}; was it written by a newer one?");
        }

        var items = new ItemFeedback[from.Count(3)];
        for (var index = 0; index < items.Length; index++)
        {
            var rank = from.Int();
            var shown = from.Unsigned();
            if (shown > 1UL + int.MaxValue)
            {
                throw BlobReader.Damaged("a position of more than 31 bits");
            }

            var outcomes = new Dictionary<string, double>(StringComparer.Ordinal);
            for (var count = from.Count(9); count > 0; count--)
            {
                var name = from.Text();
                outcomes[name] = from.Double();
            }

            items[index] = new ItemFeedback(rank, shown == 0 ? null : (int)(shown - 1), outcomes);
        }

        from.End();
        return new FeedbackReport(rankingId, items);
    }
}

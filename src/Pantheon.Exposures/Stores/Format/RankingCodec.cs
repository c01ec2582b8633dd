using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Stores.Format;

/// <summary>
/// A ranking's stored form, less what has a column (id, user). Version 1: version, flags (arm in bits 0-1, explored 2, propensities 3),
/// request id, scenario, model, version, digest, candidates, number of items, for each position, id, score and where the
/// flags say so propensity, then the features.
/// </summary>
internal static class RankingCodec
{
    private const byte Version = 1;
    private const byte ArmBits = 3;
    private const byte Explored = 4;
    private const byte Propensities = 8;

    public static byte[] Encode(Ranking ranking, BlobWriter to)
    {
        var drawn = false;
        foreach (var item in ranking.Items)
        {
            drawn |= item.Propensity != 1;
        }

        to.Clear();
        to.Byte(Version);
        to.Byte((byte)((int)ranking.Arm | (ranking.Explored ? Explored : 0) | (drawn ? Propensities : 0)));
        to.Text(ranking.RequestId);
        to.Text(ranking.Scenario);
        to.Text(ranking.Model);
        to.Signed(ranking.Version);
        to.Text(ranking.Digest);
        to.Unsigned((ulong)ranking.Candidates);
        to.Unsigned((ulong)ranking.Items.Count);
        foreach (var item in ranking.Items)
        {
            to.Unsigned((ulong)item.Position);
            to.Signed(item.ItemId);
            to.Single(item.Score);
            if (drawn)
            {
                to.Double(item.Propensity);
            }
        }

        to.Bytes(ranking.Features.Span);
        return to.ToArray();
    }

    /// <exception cref="ExposureStoreException">Not what <see cref="Encode"/> wrote.</exception>
    public static Ranking Decode(Guid id, string userKey, ReadOnlySpan<byte> blob)
    {
        var from = new BlobReader(blob);
        var version = from.Byte();
        if (version != Version)
        {
            throw new ExposureStoreException($"a stored ranking has form {version}, this version reads {Version}; was it written by a newer one?");
        }

        var flags = from.Byte();
        if ((flags & ArmBits) == 0 || flags > (ArmBits | Explored | Propensities))
        {
            throw BlobReader.Damaged($"flags {flags}");
        }

        var ranking = new Ranking
        {
            Id = id,
            UserKey = userKey,
            Arm = (RankingArm)(flags & ArmBits),
            Explored = (flags & Explored) != 0,
            RequestId = from.Text(),
            Scenario = from.Text(),
            Model = from.Text(),
            Version = from.Signed(),
            Digest = from.Text(),
            Candidates = from.Int(),
            Items = Items(ref from, (flags & Propensities) != 0),
            Features = from.Bytes().ToArray(),
        };
        from.End();
        return ranking;
    }

    private static RankedExposure[] Items(ref BlobReader from, bool drawn)
    {
        var items = new RankedExposure[from.Count(drawn ? 14 : 6)];
        for (var rank = 0; rank < items.Length; rank++)
        {
            items[rank] = new RankedExposure(from.Int(), from.Signed(), from.Single(), drawn ? from.Double() : 1);
        }

        return items;
    }
}

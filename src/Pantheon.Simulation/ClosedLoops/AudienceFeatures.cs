using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Modeling.Features;
using Pantheon.Promotion.Live;
using WireFeature = Pantheon.Contracts.V1.Feature;

namespace Pantheon.Simulation.ClosedLoops;

/// <summary>What the world's gateway sends: raw ids and counts.</summary>
public static class AudienceFeatures
{
    /// <summary>The features, for whoever learns from them.</summary>
    /// <param name="world">How many users and rooms there are.</param>
    /// <param name="days">How long it goes on.</param>
    public static IReadOnlyList<LiveFeature> Of(WorldOptions world, int days)
    {
        ArgumentNullException.ThrowIfNull(world);
        var rooms = world.RoomsPerDay * (days + world.LongestRoom);
        return
        [
            new("user_id", FeatureSide.User, LiveFeatureKind.Id, Rows: world.Users),
            new("hour", FeatureSide.User, LiveFeatureKind.Id, Rows: 24),
            new("user_counts", FeatureSide.User, LiveFeatureKind.Counts),
            new("room_id", FeatureSide.Candidate, LiveFeatureKind.Id, Rows: rooms),
            new("author_id", FeatureSide.Candidate, LiveFeatureKind.Id, Rows: world.Authors + (int)(rooms * world.NewAuthorShare * 2)),
            new("category", FeatureSide.Candidate, LiveFeatureKind.Id, Rows: world.Categories),
            new("hours_open", FeatureSide.Candidate, LiveFeatureKind.Logarithm),
            new("room_counts", FeatureSide.Candidate, LiveFeatureKind.Counts),
        ];
    }

    /// <summary>A visit as the gateway asks.</summary>
    /// <param name="top">How many rooms it wants.</param>
    public static RankRequest Request(AudienceRequest visit, string model, int top)
    {
        ArgumentNullException.ThrowIfNull(visit);
        var request = new RankRequest
        {
            Model = model,
            UserKey = FormattableString.Invariant($"u{visit.UserId}"),
            TopK = top,
            Output = new OutputOptions { RawScores = true },
            UserFeatures =
            {
                Ids("user_id", [visit.UserId]),
                Ids("hour", [visit.Hour]),
                Numbers("user_counts", Counts(visit.UserExposures, visit.UserCounts)),
            },
            CandidateFeatures =
            {
                Ids("room_id", visit.Candidates.Select(room => room.RoomId)),
                Ids("author_id", visit.Candidates.Select(room => room.AuthorId)),
                Ids("category", visit.Candidates.Select(room => (long)room.Category)),
                Numbers("hours_open", visit.Candidates.Select(room => (float)room.HoursOpen)),
                Numbers("room_counts", visit.Candidates.SelectMany(room => Counts(room.Exposures, room.Counts))),
            },
        };
        request.CandidateIds.AddRange(visit.Candidates.Select(room => room.RoomId));
        return request;
    }

    private static IEnumerable<float> Counts(long exposures, IReadOnlyList<long> counts) => counts.Select(count => (float)count).Prepend(exposures);

    private static WireFeature Ids(string name, IEnumerable<long> values)
    {
        var bytes = values.SelectMany(BitConverter.GetBytes).ToArray();
        return new WireFeature { Name = name, Type = DataType.Int64, Data = UnsafeByteOperations.UnsafeWrap(bytes) };
    }

    private static WireFeature Numbers(string name, IEnumerable<float> values)
    {
        var bytes = values.SelectMany(BitConverter.GetBytes).ToArray();
        return new WireFeature { Name = name, Type = DataType.Float, Data = UnsafeByteOperations.UnsafeWrap(bytes) };
    }
}

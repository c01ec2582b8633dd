namespace Pantheon.Exposures.Rankings;

/// <summary>What the service returned to one request: not what the user saw, which only feedback tells.</summary>
public sealed record Ranking
{
    /// <summary>
    /// The answer's ranking_id, made by <see cref="RankingId.New"/>. A request that is hedged to two replicas gets two: feedback names
    /// the one that was shown, and the other stays unreported.
    /// </summary>
    public required Guid Id { get; init; }

    /// <summary>
    /// When it was returned, in milliseconds. It is read out of <see cref="Id"/>, so that the two cannot disagree and feedback alone
    /// tells which window and which day's partition its ranking belongs to, even where the ranking never comes.
    /// </summary>
    public DateTimeOffset At => RankingId.TryTimeOf(Id, out var at) ? at : default;

    /// <summary>The caller's name for the request; may be empty.</summary>
    public required string RequestId { get; init; }

    /// <summary>Whom it was for: what a user's data is deleted by. Empty if the request named nobody.</summary>
    public required string UserKey { get; init; }

    /// <summary>The request's scenario; may be empty.</summary>
    public required string Scenario { get; init; }

    /// <summary>The model that ranked.</summary>
    public required string Model { get; init; }

    /// <summary>Its version.</summary>
    public required long Version { get; init; }

    /// <summary>The version's digest, <c>sha256:</c> and 64 hex digits.</summary>
    public required string Digest { get; init; }

    /// <summary>Why that version answered.</summary>
    public required RankingArm Arm { get; init; }

    /// <summary>Whether positions were drawn at random; then <see cref="RankedExposure.Propensity"/> says how likely they were.</summary>
    public bool Explored { get; init; }

    /// <summary>How many candidates the request had.</summary>
    public required int Candidates { get; init; }

    /// <summary>What was returned, best first.</summary>
    public required IReadOnlyList<RankedExposure> Items { get; init; }

    /// <summary>The request's features as served, opaque here; empty where not sampled.</summary>
    public ReadOnlyMemory<byte> Features { get; init; }
}

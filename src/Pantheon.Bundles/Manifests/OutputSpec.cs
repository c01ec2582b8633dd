using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>One float output of the graph that the service reads.</summary>
public sealed record OutputSpec
{
    public required string Name { get; init; }

    public required OutputRole Role { get; init; }

    /// <summary>Null is the candidate dimension. A score is [null] or [null, 1]; a Pxtr output those, or [null, M] for all M objectives.</summary>
    public required IReadOnlyList<long?> Shape { get; init; }

    /// <summary>Numbers per candidate.</summary>
    [JsonIgnore]
    public int Columns => Shape.Count == 1 ? 1 : checked((int)Shape[1]!.Value);
}

public enum OutputRole
{
    /// <summary>The fused score that candidates are ranked by.</summary>
    [JsonStringEnumMemberName("score")]
    Score,

    /// <summary>Predicted probabilities of the objectives.</summary>
    [JsonStringEnumMemberName("pxtr")]
    Pxtr,
}

/// <summary>What becomes of a candidate whose score is NaN or infinite. It is counted either way.</summary>
public enum NonFiniteScores
{
    /// <summary>The request fails, naming model and candidate.</summary>
    [JsonStringEnumMemberName("fail")]
    Fail,

    /// <summary>The candidate is left out and reported.</summary>
    [JsonStringEnumMemberName("drop")]
    Drop,
}

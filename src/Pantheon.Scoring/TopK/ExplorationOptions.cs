namespace Pantheon.Scoring.TopK;

/// <summary>
/// Requests whose answer is drawn instead of ranked, so that what users do with it can judge a ranking that would have shown
/// something else: a base's own choices favour the base.
/// </summary>
public sealed record ExplorationOptions
{
    /// <summary>Share of the requests, 0 to 1, drawn at random for each. Default 0: users are no subjects unless somebody decides so. Some 0.01 is usual.</summary>
    public double Share { get; init; }

    /// <summary>
    /// How many of the best candidates the answer is drawn from, without preference and in random order, at least 1. Default 50: a few
    /// screens' worth, of which none is bad. Fewer than are returned: as many as are returned, so that only their places are drawn.
    /// </summary>
    public int Depth { get; init; } = 50;
}

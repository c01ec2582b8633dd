namespace Pantheon.Exposures.Reports;

/// <summary>What one report says of one item.</summary>
/// <param name="Rank">The item's index among the items that the ranking returned, from 0.</param>
/// <param name="ShownPosition">Where it was shown, from 0. Null: this report does not say that it was shown.</param>
/// <param name="Outcomes">What the user did, by name: <c>click</c> 1, <c>play_seconds</c> 31.5. Finite and at least 0; only what has grown counts.</param>
public sealed record ItemFeedback(int Rank, int? ShownPosition, IReadOnlyDictionary<string, double> Outcomes);

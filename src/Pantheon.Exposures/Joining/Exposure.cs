using Pantheon.Exposures.Rankings;

namespace Pantheon.Exposures.Joining;

/// <summary>One item that a user was shown, and what came of it: a row to train on or to judge by.</summary>
/// <param name="Ranking">The ranking that returned it; the same object for all its rows.</param>
/// <param name="Rank">The item's index in <see cref="Ranking.Items"/>.</param>
/// <param name="ShownPosition">Where it was shown, from 0.</param>
/// <param name="Labels">1 or 0 for each of <see cref="JoinOptions.Labels"/>.</param>
public sealed record Exposure(Ranking Ranking, int Rank, int ShownPosition, float[] Labels)
{
    /// <summary>The item, with its score and propensity.</summary>
    public RankedExposure Item => Ranking.Items[Rank];
}

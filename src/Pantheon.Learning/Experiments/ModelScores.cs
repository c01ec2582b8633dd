using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Experiments;

/// <summary>What one kind of model says of some exposures: a score of its own for each objective.</summary>
/// <param name="Name">The row of the tables.</param>
/// <param name="Runs">For each seed M columns of [n]; one where nothing is random.</param>
internal sealed record ModelScores(string Name, IReadOnlyList<float[][]> Runs)
{
    /// <summary>The scores of some of the exposures.</summary>
    /// <param name="places">Their places, from 0.</param>
    public ModelScores At(int[] places) =>
        this with { Runs = [.. Runs.Select(run => run.Select(column => BundleScores.Gather<float>(column, places)).ToArray())] };

    /// <summary>Each user's AUCs, for each seed.</summary>
    public IReadOnlyList<UserAucs> PerUser(ObjectiveLabels labels) => [.. Runs.Select(run => Gauc.PerUserEach(run, labels))];

    /// <summary>AUC of each objective over all exposures, mean over seeds.</summary>
    public double[] Auc(ScoredExposures exposures) =>
        [.. exposures.Objectives.Select((_, objective) => Runs.Average(run => Metrics.Auc.Compute(run[objective], exposures.Of(objective))))];
}

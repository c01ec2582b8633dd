using Pantheon.Bundles;
using Pantheon.Cli.Evaluate;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Search;

namespace Pantheon.Cli.Formula;

/// <summary>Some exposures with the bundle's scores, labels and Pxtrs: what formulas are searched or judged on.</summary>
internal sealed class SearchPeriod
{
    /// <param name="name">What exposures they are.</param>
    public SearchPeriod(BundleLog log, RowRange range, string name, CancellationToken cancellation)
    {
        (Name, Range) = (name, range);
        Scores = log.Score(range, $"scoring {name}", cancellation);
        Exposures = new ScoredExposures(log.Data, range);
        Pxtrs = new PxtrTable(log.Bundle.Manifest.Objectives, Scores.Pxtrs);
        Measured = BundleTables.Measured(log.Data, Scores, log.Bundle.Manifest.Objectives);
    }

    public string Name { get; }

    public RowRange Range { get; }

    public BundleScores Scores { get; }

    public ScoredExposures Exposures { get; }

    /// <summary>Of all objectives of the bundle.</summary>
    public PxtrTable Pxtrs { get; }

    /// <summary>Of the objectives that the log has.</summary>
    public IReadOnlyList<float[]> Measured { get; }
}

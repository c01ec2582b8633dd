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

    /// <summary>
    /// Where to search and where to judge: the days to validate on and those to test on; where the log has none to validate on, the first
    /// and the second half of those to test on, as the model was trained on all the others.
    /// </summary>
    public static (RowRange Search, string SearchName, RowRange Judge, string JudgeName) Split(Dataset data)
    {
        var (validate, test) = (data.Validate, data.Test);
        if (validate.Count > 0 && test.Count > 0)
        {
            return (validate, "the days to validate on", test, "the days to test on");
        }

        if (test.Count < 2)
        {
            throw new CommandFailure("the log leaves no exposures after those to train on, expected some to search on and some to judge on");
        }

        var middle = test.Start + (test.Count / 2);
        return (new RowRange(test.Start, middle), "the first half of the test exposures", new RowRange(middle, test.End), "the second half of the test exposures");
    }
}

namespace Pantheon.Learning.Metrics;

/// <summary>GAUC of one objective, and what it is a mean over.</summary>
/// <param name="Gauc">
/// Pantheon Eq. 15: mean AUC of the users who have both classes, weighted by their exposures; NaN if there is no such user.
/// </param>
/// <param name="PositivesWeighted">The same users weighted by their positives, as RecBole does.</param>
/// <param name="UserCoverage">Share of users retained, 0 to 1.</param>
/// <param name="RowCoverage">Share of rows that are theirs, 0 to 1.</param>
public readonly record struct GaucResult(double Gauc, double PositivesWeighted, double UserCoverage, double RowCoverage);

/// <summary>GAUC of each objective.</summary>
/// <param name="Names">Names of the objectives.</param>
/// <param name="Objectives">As many results, in the same order.</param>
public sealed record GaucTable(IReadOnlyList<string> Names, IReadOnlyList<GaucResult> Objectives)
{
    /// <summary>One objective's GAUC.</summary>
    public double this[int objective] => Objectives[objective].Gauc;

    /// <summary>Plain mean over the objectives; NaN if one of them has no GAUC.</summary>
    public double Mean
    {
        get
        {
            double sum = 0;
            foreach (var objective in Objectives)
            {
                sum += objective.Gauc;
            }

            return sum / Objectives.Count;
        }
    }

    /// <summary>The smallest gain of any objective over another table: positive only if this one is better on all.</summary>
    /// <exception cref="ArgumentException">The tables have different numbers of objectives.</exception>
    public double WorstGain(GaucTable over)
    {
        ArgumentNullException.ThrowIfNull(over);
        if (over.Objectives.Count != Objectives.Count)
        {
            throw new ArgumentException($"{over.Objectives.Count} objectives came; expected {Objectives.Count}", nameof(over));
        }

        double worst = double.PositiveInfinity;
        for (int objective = 0; objective < Objectives.Count; objective++)
        {
            worst = Math.Min(worst, this[objective] - over[objective]);
        }

        return worst;
    }
}

using Pantheon.Learning.Metrics;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Learning.Search;

/// <summary>What a ranking model predicted for rows of a log: one column of Pxtrs for each objective.</summary>
public sealed class PxtrTable
{
    /// <param name="objectives">Names of the M objectives.</param>
    /// <param name="columns">M columns <c>[n]</c> of probabilities; kept, not copied.</param>
    /// <exception cref="ArgumentException">Numbers or lengths differ, or a Pxtr is not from 0 to 1.</exception>
    public PxtrTable(IReadOnlyList<string> objectives, IReadOnlyList<float[]> columns)
    {
        ArgumentNullException.ThrowIfNull(objectives);
        ArgumentNullException.ThrowIfNull(columns);
        if (objectives.Count != columns.Count || columns.Count == 0)
        {
            throw new ArgumentException(
                $"{columns.Count} columns came for {objectives.Count} objectives; expected as many, and one at least", nameof(columns));
        }

        for (int objective = 0; objective < columns.Count; objective++)
        {
            float[] column = columns[objective];
            if (column.Length != columns[0].Length)
            {
                throw new ArgumentException(
                    $"{column.Length} Pxtrs of '{objectives[objective]}' came; expected {columns[0].Length}, as of the first",
                    nameof(columns));
            }

            foreach (float pxtr in column)
            {
                if (!(pxtr is >= 0 and <= 1))
                {
                    throw new ArgumentException(
                        $"a Pxtr of '{objectives[objective]}' is {pxtr}; expected a probability, 0 to 1", nameof(columns));
                }
            }
        }

        Objectives = [.. objectives];
        Columns = [.. columns];
    }

    /// <summary>Names, in order.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>One for each objective.</summary>
    public IReadOnlyList<float[]> Columns { get; }

    /// <summary>Rows of each column.</summary>
    public int Rows => Columns[0].Length;

    /// <summary>The same rows in group order: what <see cref="ObjectiveLabels.Regrouped"/> labels.</summary>
    public PxtrTable Regrouped(UserGroups groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        float[][] columns = new float[Columns.Count][];
        for (int objective = 0; objective < columns.Length; objective++)
        {
            columns[objective] = groups.Gather<float>(Columns[objective]);
        }

        return new PxtrTable(Objectives, columns);
    }

    /// <summary>A formula's score of every row, as a served graph gives it: computed in double, rounded to float.</summary>
    /// <exception cref="ArgumentException">The formula is over other objectives.</exception>
    public float[] Score(FusionFormula formula)
    {
        ArgumentNullException.ThrowIfNull(formula);
        if (!formula.Objectives.SequenceEqual(Objectives, StringComparer.Ordinal))
        {
            throw new ArgumentException(
                $"the formula is over {string.Join(", ", formula.Objectives)}; expected {string.Join(", ", Objectives)}", nameof(formula));
        }

        float[] scores = new float[Rows];
        double[] pxtrs = new double[Columns.Count];
        for (int row = 0; row < scores.Length; row++)
        {
            for (int objective = 0; objective < pxtrs.Length; objective++)
            {
                pxtrs[objective] = Columns[objective][row];
            }

            scores[row] = (float)formula.Evaluate(pxtrs);
        }

        return scores;
    }

    /// <summary>exp(mean log p), each p at least the floor: about the size of a typical Pxtr.</summary>
    internal double GeometricMean(int objective, double floor)
    {
        double sum = 0;
        foreach (float pxtr in Columns[objective])
        {
            sum += Math.Log(Math.Max(pxtr, floor));
        }

        return Math.Exp(sum / Math.Max(Rows, 1));
    }
}

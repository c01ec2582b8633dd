using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Search;

/// <summary>
/// What a search of formula weights maximises: Pantheon Eq. 4, <c>sum_m c_m GAUC(Score, y_m)</c>, with weights that say what each
/// objective is worth to the business (the paper's example has 2 for clicks and 5 for long views).
/// </summary>
public sealed class EvalMetric
{
    /// <param name="weights">One for each objective, finite, not all 0. An objective of weight 0 is left out.</param>
    /// <exception cref="ArgumentException">A weight is not finite, or all are 0.</exception>
    public EvalMetric(IReadOnlyList<double> weights)
    {
        ArgumentNullException.ThrowIfNull(weights);
        bool any = false;
        foreach (double weight in weights)
        {
            any |= weight != 0;
            if (!double.IsFinite(weight))
            {
                throw new ArgumentException($"weight {weight} came; expected a finite number", nameof(weights));
            }
        }

        Weights = any ? [.. weights] : throw new ArgumentException("no weight but 0 came; expected one at least", nameof(weights));
    }

    /// <summary>The c_m, in the objectives' order.</summary>
    public IReadOnlyList<double> Weights { get; }

    /// <summary>The plain mean of the GAUCs.</summary>
    public static EvalMetric Equal(int objectives)
    {
        double[] weights = new double[objectives];
        Array.Fill(weights, 1.0 / objectives);
        return new EvalMetric(weights);
    }

    /// <summary>The weighted sum; NaN if an objective of weight has no GAUC.</summary>
    /// <exception cref="ArgumentException">The table has more or fewer objectives.</exception>
    public double Of(GaucTable table)
    {
        ArgumentNullException.ThrowIfNull(table);
        if (table.Objectives.Count != Weights.Count)
        {
            throw new ArgumentException($"{table.Objectives.Count} objectives came; expected {Weights.Count}", nameof(table));
        }

        double sum = 0;
        for (int objective = 0; objective < Weights.Count; objective++)
        {
            sum += Weights[objective] == 0 ? 0 : Weights[objective] * table[objective];
        }

        return sum;
    }
}

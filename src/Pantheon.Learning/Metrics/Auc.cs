using System.Buffers;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// Area under the ROC curve over all rows: the share of pairs of a positive and a negative that a score puts in order, ties counted
/// half (mid-ranks). NaN if there are not both classes.
/// </summary>
public static class Auc
{
    /// <param name="scores"><c>[n]</c>; higher is better.</param>
    /// <param name="labels">0 and 1, <c>[n]</c>.</param>
    /// <exception cref="ArgumentException">Lengths differ, a label is neither 0 nor 1, or a score is not a number.</exception>
    public static double Compute(ReadOnlySpan<float> scores, ReadOnlySpan<byte> labels) =>
        Each(scores, ObjectiveLabels.Of(UserGroups.Single(scores.Length), labels))[0];

    /// <summary>One score against all objectives, by one sort.</summary>
    /// <param name="scores"><c>[n]</c> in the rows' order.</param>
    /// <param name="labels">The rows' labels; their users do not matter here.</param>
    /// <inheritdoc cref="Compute"/>
    public static double[] Each(ReadOnlySpan<float> scores, ObjectiveLabels labels)
    {
        ArgumentNullException.ThrowIfNull(labels);
        labels.Groups.CheckRows(scores.Length, nameof(scores));
        var groups = labels.Groups;
        ulong[] buffer = ArrayPool<ulong>.Shared.Rent(2 * scores.Length);
        var keys = buffer.AsSpan(0, scores.Length);
        var order = groups.Order;
        var positives = labels.Positives;
        for (int place = 0; place < keys.Length; place++)
        {
            float score = scores[order.IsEmpty ? place : order[place]];
            if (float.IsNaN(score))
            {
                ArrayPool<ulong>.Shared.Return(buffer);
                throw new ArgumentException("a score is not a number; expected all to be", nameof(scores));
            }

            keys[place] = RankSums.Key(score, positives[place]);
        }

        Span<long> doubled = stackalloc long[ObjectiveLabels.MaximumObjectives];
        doubled.Clear();
        RankSums.Add(keys, buffer.AsSpan(scores.Length), doubled);
        ArrayPool<ulong>.Shared.Return(buffer);
        double[] aucs = new double[labels.Objectives];
        for (int objective = 0; objective < aucs.Length; objective++)
        {
            long total = 0;
            foreach (int count in labels.PositivesOf(objective))
            {
                total += count;
            }

            aucs[objective] = RankSums.Auc(doubled[objective], total, scores.Length);
        }

        return aucs;
    }

    /// <summary>AUC Sum of HarmonRank: the global AUCs of one score, added up over the objectives; NaN if one of them has none.</summary>
    /// <inheritdoc cref="Each"/>
    public static double Sum(ReadOnlySpan<float> scores, ObjectiveLabels labels)
    {
        double sum = 0;
        foreach (double auc in Each(scores, labels))
        {
            sum += auc;
        }

        return sum;
    }

    /// <summary>
    /// PAPERec's AUC of dwell time: the share of pairs with unequal values that a score puts in order, ties in the score counted half.
    /// With values 0 and 1 it is the AUC.
    /// </summary>
    /// <param name="scores"><c>[n]</c>.</param>
    /// <param name="values"><c>[n]</c>, such as truncated dwell times.</param>
    /// <exception cref="ArgumentException">Lengths differ, or one is not a number.</exception>
    public static double Concordance(ReadOnlySpan<float> scores, ReadOnlySpan<float> values)
    {
        var pairs = PairCounts.Of(scores, values);
        double unequal = pairs.Pairs - pairs.TiedSecond;
        return unequal == 0 ? double.NaN : (pairs.Concordant + (0.5 * (pairs.TiedFirst - pairs.TiedBoth))) / unequal;
    }
}

using System.Numerics;
using System.Runtime.CompilerServices;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// The heart of every AUC here. A key has the sortable score above and, below, one bit for each objective of which the row is a
/// positive: after one sort the ranks serve all objectives, and nothing is looked up through an index.
/// </summary>
internal static class RankSums
{
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static ulong Key(float score, uint positives) => ((ulong)SortableScore.Of(score) << 32) | positives;

    /// <summary>
    /// Sorts the keys and adds to each objective twice the sum of its positives' ranks (from 1, ascending; tied rows share their
    /// mean rank, and twice a mean rank is whole). Exact up to 2 billion rows.
    /// </summary>
    public static void Add(Span<ulong> keys, Span<ulong> scratch, Span<long> doubled)
    {
        KeySort.Sort(keys, scratch, fromByte: 4);
        for (int first = 0; first < keys.Length;)
        {
            uint score = (uint)(keys[first] >> 32);
            int end = first + 1;
            while (end < keys.Length && (uint)(keys[end] >> 32) == score)
            {
                end++;
            }

            long rank = (long)first + 1 + end;
            for (; first < end; first++)
            {
                for (uint positives = (uint)keys[first]; positives != 0; positives &= positives - 1)
                {
                    doubled[BitOperations.TrailingZeroCount(positives)] += rank;
                }
            }
        }
    }

    /// <summary>The share of pairs of a positive and a negative that are in order, ties counted half; NaN if there is no pair.</summary>
    /// <param name="doubled">Twice the positives' rank sum.</param>
    public static double Auc(long doubled, long positives, long rows)
    {
        double pairs = (double)positives * (rows - positives);
        return pairs == 0 ? double.NaN : (doubled - ((double)positives * (positives + 1))) / (2 * pairs);
    }
}

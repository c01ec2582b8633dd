namespace Pantheon.Learning.Metrics;

/// <summary>
/// HIT@K, MAP and nDCG@K, and PAPERec's WHIT@K and WMAP (Eq. 20 and 21), of lists of rows ranked by a score. What the paper leaves open
/// is chosen here: only clicks have a dwell time; lists without a click are left out; rows of equal score count the mean over all
/// orders they could take, so that no metric hangs on the order of the log.
/// </summary>
public static class ListMetrics
{
    /// <param name="scores"><c>[n]</c>; higher is ranked first.</param>
    /// <param name="clicks">0 and 1, <c>[n]</c>.</param>
    /// <param name="lists">Which list each row is in: a user, or a page of ten.</param>
    /// <param name="cutoffs">The K to report, each at least 1.</param>
    /// <param name="dwell">Dwell times, <c>[n]</c>, none negative, in a unit that the weighted metrics then have; empty for none.</param>
    /// <param name="longestDwell">Dwell times are cut to this.</param>
    /// <exception cref="ArgumentException">Lengths differ, or a value is out of its range.</exception>
    public static ListReport Compute(
        ReadOnlySpan<float> scores, ReadOnlySpan<byte> clicks, UserGroups lists, ReadOnlySpan<int> cutoffs,
        ReadOnlySpan<float> dwell = default, float longestDwell = float.PositiveInfinity)
    {
        ArgumentNullException.ThrowIfNull(lists);
        Check(scores, clicks, lists, cutoffs, dwell, longestDwell);
        var sums = new ListSums(cutoffs, lists.Largest, !dwell.IsEmpty);
        ulong[] keys = new ulong[lists.Largest];
        ulong[] scratch = new ulong[lists.Largest];
        var offsets = lists.Offsets;
        var order = lists.Order;
        for (int list = 0; list < lists.Count; list++)
        {
            int rows = offsets[list + 1] - offsets[list];
            for (int place = 0; place < rows; place++)
            {
                int row = order.IsEmpty ? offsets[list] + place : order[offsets[list] + place];
                keys[place] = ((ulong)~SortableScore.Of(scores[row]) << 32) | (uint)row;
            }

            KeySort.Sort(keys.AsSpan(0, rows), scratch, fromByte: 4);
            sums.Begin();
            for (int first = 0; first < rows;)
            {
                int end = first;
                int clicked = 0;
                double weight = 0;
                while (end < rows && keys[end] >> 32 == keys[first] >> 32)
                {
                    int row = (int)(uint)keys[end++];
                    if (clicks[row] != 0)
                    {
                        clicked++;
                        weight += dwell.IsEmpty ? 0 : Math.Min(dwell[row], longestDwell);
                    }
                }

                sums.AddTied(first, end, clicked, weight);
                first = end;
            }

            sums.End();
        }

        return sums.Report(lists.Users);
    }

    private static void Check(
        ReadOnlySpan<float> scores, ReadOnlySpan<byte> clicks, UserGroups lists, ReadOnlySpan<int> cutoffs, ReadOnlySpan<float> dwell,
        float longestDwell)
    {
        lists.CheckRows(scores.Length, nameof(scores));
        lists.CheckRows(clicks.Length, nameof(clicks));
        if (!dwell.IsEmpty)
        {
            lists.CheckRows(dwell.Length, nameof(dwell));
        }

        foreach (float score in scores)
        {
            if (float.IsNaN(score))
            {
                throw new ArgumentException("a score is not a number; expected all to be", nameof(scores));
            }
        }

        if (clicks.IndexOfAnyExceptInRange((byte)0, (byte)1) is var click and >= 0)
        {
            throw new ArgumentException($"click {clicks[click]} came; expected 0 or 1", nameof(clicks));
        }

        foreach (int cutoff in cutoffs)
        {
            ArgumentOutOfRangeException.ThrowIfLessThan(cutoff, 1, nameof(cutoffs));
        }

        foreach (float time in dwell)
        {
            if (!(time >= 0))
            {
                throw new ArgumentException($"dwell time {time} came; expected none below 0", nameof(dwell));
            }
        }

        if (!(longestDwell >= 0))
        {
            throw new ArgumentException($"a longest dwell of {longestDwell} came; expected 0 or more", nameof(longestDwell));
        }
    }
}

using System.Buffers;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// Kendall's tau-b, <c>(C - D) / sqrt((n0 - n1)(n0 - n2))</c> with n1 and n2 the pairs tied in either value: 1 for the same order, -1
/// for the reverse. NaN if either value is the same in all rows.
/// </summary>
public static class KendallTau
{
    /// <summary>Over all rows, in O(n log n).</summary>
    /// <param name="first"><c>[n]</c>.</param>
    /// <param name="second"><c>[n]</c>.</param>
    /// <exception cref="ArgumentException">Lengths differ, or one is not a number.</exception>
    public static double Compute(ReadOnlySpan<float> first, ReadOnlySpan<float> second) => Of(PairCounts.Of(first, second));

    /// <summary>Mean over the users who have one, weighted by their rows.</summary>
    /// <param name="groups">The rows' users.</param>
    /// <inheritdoc cref="Compute"/>
    public static GroupedTau ComputeGrouped(ReadOnlySpan<float> first, ReadOnlySpan<float> second, UserGroups groups)
    {
        ArgumentNullException.ThrowIfNull(groups);
        groups.CheckRows(first.Length, nameof(first));
        groups.CheckRows(second.Length, nameof(second));
        ulong[] buffer = ArrayPool<ulong>.Shared.Rent(2 * groups.Largest);
        var offsets = groups.Offsets;
        var order = groups.Order;
        double sum = 0;
        long retainedRows = 0;
        int retained = 0;
        bool notANumber = false;
        for (int user = 0; user < groups.Count; user++)
        {
            int rows = offsets[user + 1] - offsets[user];
            for (int place = 0; place < rows; place++)
            {
                int row = offsets[user] + place;
                row = order.IsEmpty ? row : order[row];
                notANumber |= float.IsNaN(first[row]) || float.IsNaN(second[row]);
                buffer[place] = ((ulong)SortableScore.Of(first[row]) << 32) | SortableScore.Of(second[row]);
            }

            double tau = Of(PairCounts.Of(buffer.AsSpan(0, rows), buffer.AsSpan(rows, rows)));
            if (!double.IsNaN(tau))
            {
                sum += tau * rows;
                retainedRows += rows;
                retained++;
            }
        }

        ArrayPool<ulong>.Shared.Return(buffer);
        return notANumber
            ? throw new ArgumentException("a value is not a number; expected all to be")
            : new GroupedTau(sum / retainedRows, (double)retained / groups.Users, (double)retainedRows / groups.Rows);
    }

    private static double Of(PairCounts pairs)
    {
        // Two roots, since the product of two counts of pairs leaves the range that a double counts exactly.
        double scale = Math.Sqrt(pairs.Pairs - pairs.TiedFirst) * Math.Sqrt(pairs.Pairs - pairs.TiedSecond);
        return scale == 0 ? double.NaN : Math.Clamp((pairs.Concordant - pairs.Discordant) / scale, -1, 1);
    }
}

/// <summary>Kendall's tau-b within users.</summary>
/// <param name="Tau">Mean weighted by rows over the users who have one; NaN if none has.</param>
/// <param name="UserCoverage">Share of users who have one, 0 to 1.</param>
/// <param name="RowCoverage">Share of rows that are theirs, 0 to 1.</param>
public readonly record struct GroupedTau(double Tau, double UserCoverage, double RowCoverage);

using System.Buffers;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// How the pairs of rows stand in two orders, counted in O(n log n) (Knight, JASA 61, 1966): sort by the first and then the second
/// value; the inversions of the second that a merge sort finds are the discordant pairs.
/// </summary>
/// <param name="Pairs">n(n-1)/2.</param>
/// <param name="TiedFirst">Pairs equal in the first value, whatever the second.</param>
/// <param name="TiedSecond">Pairs equal in the second value, whatever the first.</param>
/// <param name="TiedBoth">Pairs equal in both.</param>
/// <param name="Discordant">Pairs ordered one way by the first and the other way by the second.</param>
internal readonly record struct PairCounts(long Pairs, long TiedFirst, long TiedSecond, long TiedBoth, long Discordant)
{
    // Runs that insertion sorts before merging begins.
    private const int Run = 16;

    public long Concordant => Pairs - TiedFirst - TiedSecond + TiedBoth - Discordant;

    /// <exception cref="ArgumentException">Lengths differ, or one is not a number.</exception>
    public static PairCounts Of(ReadOnlySpan<float> first, ReadOnlySpan<float> second)
    {
        if (first.Length != second.Length)
        {
            throw new ArgumentException($"{second.Length} rows came; expected {first.Length}, as many as of the first", nameof(second));
        }

        ulong[] buffer = ArrayPool<ulong>.Shared.Rent(2 * first.Length);
        bool notANumber = false;
        for (int row = 0; row < first.Length; row++)
        {
            notANumber |= float.IsNaN(first[row]) || float.IsNaN(second[row]);
            buffer[row] = ((ulong)SortableScore.Of(first[row]) << 32) | SortableScore.Of(second[row]);
        }

        if (notANumber)
        {
            ArrayPool<ulong>.Shared.Return(buffer);
            throw new ArgumentException("a value is not a number; expected all to be");
        }

        var counts = Of(buffer.AsSpan(0, first.Length), buffer.AsSpan(first.Length, first.Length));
        ArrayPool<ulong>.Shared.Return(buffer);
        return counts;
    }

    /// <param name="keys">The first value sortable above, the second below; left in no particular order.</param>
    /// <param name="scratch">As long.</param>
    public static PairCounts Of(Span<ulong> keys, Span<ulong> scratch)
    {
        KeySort.Sort(keys, scratch, fromByte: 0);
        long tiedFirst = TiedPairs(keys, 32);
        long tiedBoth = TiedPairs(keys, 0);
        for (int place = 0; place < keys.Length; place++)
        {
            keys[place] = (uint)keys[place];
        }

        long discordant = SortCountingInversions(keys, scratch, out var sorted);
        long pairs = (long)keys.Length * (keys.Length - 1) / 2;
        return new PairCounts(pairs, tiedFirst, TiedPairs(sorted, 0), tiedBoth, discordant);
    }

    private static long TiedPairs(ReadOnlySpan<ulong> sorted, int shift)
    {
        long pairs = 0;
        long before = 0;
        for (int place = 1; place < sorted.Length; place++)
        {
            before = (sorted[place] >> shift) == (sorted[place - 1] >> shift) ? before + 1 : 0;
            pairs += before;
        }

        return pairs;
    }

    private static long SortCountingInversions(Span<ulong> values, Span<ulong> scratch, out ReadOnlySpan<ulong> sorted)
    {
        long inversions = 0;
        for (int start = 0; start < values.Length; start += Run)
        {
            inversions += InsertionSort(values[start..Math.Min(start + Run, values.Length)]);
        }

        var from = values;
        var to = scratch;
        for (long width = Run; width < values.Length; width *= 2)
        {
            for (long start = 0; start < values.Length; start += 2 * width)
            {
                int middle = (int)Math.Min(start + width, values.Length);
                int end = (int)Math.Min(start + (2 * width), values.Length);
                inversions += Merge(from[(int)start..middle], from[middle..end], to[(int)start..end]);
            }

            var swap = from;
            from = to;
            to = swap;
        }

        sorted = from;
        return inversions;
    }

    private static long InsertionSort(Span<ulong> values)
    {
        long inversions = 0;
        for (int next = 1; next < values.Length; next++)
        {
            ulong value = values[next];
            int place = next;
            for (; place > 0 && values[place - 1] > value; place--)
            {
                values[place] = values[place - 1];
            }

            values[place] = value;
            inversions += next - place;
        }

        return inversions;
    }

    private static long Merge(ReadOnlySpan<ulong> left, ReadOnlySpan<ulong> right, Span<ulong> to)
    {
        long inversions = 0;
        int l = 0;
        int r = 0;
        for (int place = 0; place < to.Length; place++)
        {
            if (r == right.Length || (l < left.Length && left[l] <= right[r]))
            {
                to[place] = left[l++];
            }
            else
            {
                to[place] = right[r++];
                inversions += left.Length - l;
            }
        }

        return inversions;
    }
}

namespace Pantheon.Learning.Reports;

/// <summary>
/// Leaves out points that cannot be seen: of all those in one column of pixels the first, the last and the extremes look the same as
/// all of them, and a curve of a million steps stays small.
/// </summary>
internal static class Thinning
{
    private const int Small = 1500;

    /// <returns>Indices of the points to draw, ascending. A point of a gap is kept.</returns>
    public static List<int> Keep(Series series, Axis x)
    {
        int count = series.X.Count;
        List<int> kept = new(Math.Min(count, 4 * (int)Drawing.Width));
        if (count <= Small || !IsSorted(series.X))
        {
            kept.AddRange(Enumerable.Range(0, count));
            return kept;
        }

        SortedSet<int> column = [];
        for (int start = 0; start < count;)
        {
            if (!double.IsFinite(series.Y[start]))
            {
                kept.Add(start++);
                continue;
            }

            double place = Math.Floor(x.Place(series.X[start]));
            int end = start;
            while (end < count && double.IsFinite(series.Y[end]) && Math.Floor(x.Place(series.X[end])) == place)
            {
                end++;
            }

            column.Clear();
            column.Add(start);
            column.Add(end - 1);
            AddExtremes(column, series.Y, start, end);
            if (series.Low is not null)
            {
                AddExtremes(column, series.Low, start, end);
                AddExtremes(column, series.High!, start, end);
            }

            kept.AddRange(column);
            start = end;
        }

        return kept;
    }

    private static void AddExtremes(SortedSet<int> column, IReadOnlyList<double> values, int start, int end)
    {
        (int lowest, int highest) = (start, start);
        for (int point = start + 1; point < end; point++)
        {
            lowest = values[point] < values[lowest] ? point : lowest;
            highest = values[point] > values[highest] ? point : highest;
        }

        column.Add(lowest);
        column.Add(highest);
    }

    private static bool IsSorted(IReadOnlyList<double> values)
    {
        for (int index = 1; index < values.Count; index++)
        {
            // Not a number is neither above nor below, and counts as unsorted.
            if (!(values[index] >= values[index - 1]))
            {
                return false;
            }
        }

        return true;
    }
}

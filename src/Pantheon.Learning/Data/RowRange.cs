namespace Pantheon.Learning.Data;

/// <summary>Rows of a dataset that follow each other.</summary>
/// <param name="Start">The first row.</param>
/// <param name="End">The row after the last.</param>
public readonly record struct RowRange(int Start, int End)
{
    public int Count => End - Start;

    internal int[] ToArray() => [.. Enumerable.Range(Start, Count)];
}

/// <summary>A stretch of time and its exposures.</summary>
/// <param name="StartMs">Milliseconds since 1970 UTC.</param>
/// <param name="EndMs">The first millisecond after it.</param>
/// <param name="Rows">Exposures from <paramref name="StartMs"/> on and before <paramref name="EndMs"/>.</param>
public readonly record struct TimeWindow(long StartMs, long EndMs, RowRange Rows);

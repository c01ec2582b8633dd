namespace Pantheon.Learning.Reports;

/// <summary>A drawing with a title, which also names its file beside the Markdown.</summary>
public abstract record Plot(string Title) : ReportBlock
{
    /// <summary>A sentence under the title; null for none.</summary>
    public string? Caption { get; init; }
}

/// <summary>Curves over a common horizontal axis.</summary>
/// <param name="XLabel">What the horizontal axis counts, with its unit.</param>
/// <param name="YLabel">What the vertical axis shows, with its unit.</param>
/// <param name="Series">The curves; colours are distinct up to 8.</param>
public sealed record LinePlot(string Title, string XLabel, string YLabel, IReadOnlyList<Series> Series) : Plot(Title);

/// <summary>One curve. A point that is not finite leaves a gap.</summary>
/// <param name="Name">Its name in the legend.</param>
/// <param name="X">Horizontal places <c>[n]</c>.</param>
/// <param name="Y">Values <c>[n]</c>.</param>
public sealed record Series(string Name, IReadOnlyList<double> X, IReadOnlyList<double> Y)
{
    /// <summary>Lower edge of a shaded band <c>[n]</c>; null for none.</summary>
    public IReadOnlyList<double>? Low { get; init; }

    /// <summary>Upper edge of the band <c>[n]</c>; null exactly if <see cref="Low"/> is.</summary>
    public IReadOnlyList<double>? High { get; init; }
}

/// <summary>Points with their intervals, a line for each, in groups: a forest plot.</summary>
/// <param name="XLabel">What the axis shows, with its unit.</param>
/// <param name="Groups">The groups from top to bottom, such as objectives.</param>
public sealed record IntervalPlot(string Title, string XLabel, IReadOnlyList<IntervalGroup> Groups) : Plot(Title)
{
    /// <summary>Where a line is drawn to compare with. Default 0, for differences; null for none.</summary>
    public double? Reference { get; init; } = 0;

    /// <summary>A .NET format for the numbers beside the intervals.</summary>
    public string Format { get; init; } = "0.###";
}

/// <param name="Name">The group's name.</param>
/// <param name="Points">Its lines, such as methods. Points of one name have one colour in all groups.</param>
public sealed record IntervalGroup(string Name, IReadOnlyList<IntervalPoint> Points);

public sealed record IntervalPoint(string Name, Estimate Estimate);

/// <summary>Horizontal bars from 0, with whiskers where there are intervals.</summary>
/// <param name="XLabel">What the bars measure, with its unit.</param>
/// <param name="Categories">Names from top to bottom.</param>
/// <param name="Series">For each category a bar of each series; the legend is left out if there is only one.</param>
public sealed record BarPlot(string Title, string XLabel, IReadOnlyList<string> Categories, IReadOnlyList<BarSeries> Series) : Plot(Title)
{
    /// <summary>A .NET format for the numbers beside the bars.</summary>
    public string Format { get; init; } = "0.###";
}

/// <param name="Name">Its name in the legend.</param>
/// <param name="Values">A value for each category; NaN leaves the place empty.</param>
public sealed record BarSeries(string Name, IReadOnlyList<Estimate> Values);

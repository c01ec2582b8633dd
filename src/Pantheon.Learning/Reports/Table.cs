namespace Pantheon.Learning.Reports;

/// <summary>A table.</summary>
/// <param name="Columns">At least one.</param>
/// <param name="Rows">Each with as many cells as there are columns.</param>
/// <param name="Caption">A line that says what the table shows; null for none.</param>
public sealed record Table(IReadOnlyList<Column> Columns, IReadOnlyList<IReadOnlyList<Cell>> Rows, string? Caption = null) : ReportBlock;

/// <summary>How a column looks.</summary>
/// <param name="Title">Its head.</param>
public sealed record Column(string Title)
{
    /// <summary>Null, the default: numbers to the right, texts to the left, as most of the cells are.</summary>
    public ColumnAlignment? Alignment { get; init; }

    /// <summary>A .NET format for its numbers. Default three decimals at most.</summary>
    public string Format { get; init; } = "0.###";

    /// <summary>How intervals are shown. Default plus-minus.</summary>
    public IntervalForm Interval { get; init; }

    /// <summary>Which value is emphasised. Values that look the same in print are equally good. Default none.</summary>
    public BestValue Best { get; init; }
}

public enum ColumnAlignment
{
    Left,
    Right,
    Centre,
}

public enum IntervalForm
{
    /// <summary>71.93 ± 0.08; the longer side, if they differ.</summary>
    PlusMinus,

    /// <summary>71.93 [71.85, 72.01].</summary>
    Ends,
}

public enum BestValue
{
    None,
    Highest,
    Lowest,
}

/// <summary>One field of a table: a text or a number, which may have an interval.</summary>
public sealed record Cell
{
    private Cell(string? text, Estimate? number) => (Text, Number) = (text, number);

    /// <summary>The text; null if this is a number.</summary>
    public string? Text { get; }

    /// <summary>The number; null if this is a text.</summary>
    public Estimate? Number { get; }

    public static implicit operator Cell(string text) => FromString(text);

    public static implicit operator Cell(double value) => FromDouble(value);

    public static implicit operator Cell(Estimate estimate) => FromEstimate(estimate);

    public static Cell FromString(string text) => new(text, null);

    /// <summary>NaN is shown as n/a.</summary>
    public static Cell FromDouble(double value) => new(null, new Estimate(value));

    public static Cell FromEstimate(Estimate estimate) => new(null, estimate);
}

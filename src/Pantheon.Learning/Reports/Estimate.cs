namespace Pantheon.Learning.Reports;

/// <summary>A value and the interval around it that holds the truth in 95 of 100 repetitions.</summary>
/// <param name="Value">The point estimate; NaN if there is none.</param>
/// <param name="Low">The lower end.</param>
/// <param name="High">The upper end; both are the value itself if nothing is known about its error.</param>
public readonly record struct Estimate(double Value, double Low, double High)
{
    public Estimate(double value)
        : this(value, value, value)
    {
    }

    /// <summary>An estimate whose interval reaches equally far to both sides.</summary>
    public static Estimate PlusMinus(double value, double halfWidth) => new(value, value - halfWidth, value + halfWidth);

    /// <summary>Whether there is an interval to be shown.</summary>
    public bool HasInterval => double.IsFinite(Value) && !double.IsNaN(Low) && !double.IsNaN(High) && Low < High;
}

using System.Globalization;

namespace Pantheon.Learning.Reports;

/// <summary>Numbers as a report prints them, whatever the machine's culture.</summary>
internal static class NumberText
{
    public const string Missing = "n/a";

    public static string Of(double value, string format)
    {
        if (double.IsNaN(value))
        {
            return Missing;
        }

        string text = value.ToString(format, CultureInfo.InvariantCulture);
        // -0.0004 in three decimals is no negative number to a reader.
        return text.StartsWith('-') && text.AsSpan(1).IndexOfAnyInRange('1', '9') < 0 && double.IsFinite(value) ? text[1..] : text;
    }

    public static string Of(Estimate estimate, string format, IntervalForm form)
    {
        string value = Of(estimate.Value, format);
        if (!estimate.HasInterval)
        {
            return value;
        }

        return form == IntervalForm.PlusMinus
            ? $"{value} ± {Of(Math.Max(estimate.Value - estimate.Low, estimate.High - estimate.Value), format)}"
            : $"{value} [{Of(estimate.Low, format)}, {Of(estimate.High, format)}]";
    }

    /// <summary>A coordinate of a drawing: two decimals at most.</summary>
    public static string Coordinate(double value)
    {
        string text = value.ToString("0.##", CultureInfo.InvariantCulture);
        return text == "-0" ? "0" : text;
    }
}

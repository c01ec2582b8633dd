using System.Globalization;

namespace Pantheon.Learning.Reports;

/// <summary>Marks of an axis at multiples of 1, 2 or 5 times a power of ten.</summary>
internal sealed class Ticks
{
    private Ticks(double low, double high, int mantissa, int exponent)
    {
        double step = Multiple(1, mantissa, exponent);
        long first = (long)Math.Ceiling((low / step) - 1e-9);
        long last = (long)Math.Floor((high / step) + 1e-9);
        Step = step;
        Low = low;
        High = high;
        Values = new double[last - first + 1];
        for (long index = first; index <= last; index++)
        {
            Values[index - first] = Multiple(index, mantissa, exponent);
        }

        Labels = LabelsOf(Values, exponent);
    }

    /// <summary>Where the axis begins.</summary>
    public double Low { get; }

    /// <summary>Where it ends; above <see cref="Low"/>.</summary>
    public double High { get; }

    /// <summary>From one mark to the next.</summary>
    public double Step { get; }

    public double[] Values { get; }

    /// <summary>One for each mark, all different.</summary>
    public string[] Labels { get; }

    /// <summary>An axis from a mark to a mark that holds the whole range.</summary>
    /// <param name="low">The range's lower end.</param>
    /// <param name="high">Its upper end. A range that is empty or not finite becomes one that can be drawn.</param>
    /// <param name="most">Intervals between marks, at most, unless one more makes the ends come out; at least 2.</param>
    public static Ticks Around(double low, double high, int most)
    {
        (low, high) = Drawable(low, high);
        (int mantissa, int exponent) = NiceStep((high - low) / most);
        double step = Multiple(1, mantissa, exponent);
        double first = Multiple((long)Math.Floor((low / step) + 1e-9), mantissa, exponent);
        double last = Multiple((long)Math.Ceiling((high / step) - 1e-9), mantissa, exponent);
        return new Ticks(first, last, mantissa, exponent);
    }

    /// <summary>An axis that ends where the range ends, with the marks that fall inside.</summary>
    public static Ticks Inside(double low, double high, int most)
    {
        (low, high) = Drawable(low, high);
        (int mantissa, int exponent) = NiceStep((high - low) / most);
        return new Ticks(low, high, mantissa, exponent);
    }

    private static (double Low, double High) Drawable(double low, double high)
    {
        if (!double.IsFinite(low) || !double.IsFinite(high) || low > high)
        {
            return (0, 1);
        }

        // Closer than this, neighbouring marks would be the same double.
        double magnitude = Math.Max(Math.Abs(low), Math.Abs(high));
        if (high - low > magnitude * 1e-9)
        {
            return (low, high);
        }

        double margin = magnitude > 0 ? magnitude * 0.1 : 1;
        return (low - margin, high + margin);
    }

    private static (int Mantissa, int Exponent) NiceStep(double raw)
    {
        int exponent = (int)Math.Floor(Math.Log10(raw));
        double fraction = raw / Math.Pow(10, exponent);
        return fraction <= 1 + 1e-9 ? (1, exponent)
            : fraction <= 2 + 1e-9 ? (2, exponent)
            : fraction <= 5 + 1e-9 ? (5, exponent)
            : (1, exponent + 1);
    }

    // Divided by the power, since 3 x 0.1 is not 0.3 and 3 / 10 is.
    private static double Multiple(long index, int mantissa, int exponent) =>
        exponent < 0 ? index * mantissa / Math.Pow(10, -exponent) : index * mantissa * Math.Pow(10, exponent);

    private static string[] LabelsOf(double[] values, int exponent)
    {
        double largest = 0;
        foreach (double value in values)
        {
            largest = Math.Max(largest, Math.Abs(value));
        }

        (int power, string unit) = largest switch
        {
            >= 1e15 => (-1, ""),
            >= 1e10 => (9, "G"),
            >= 1e7 => (6, "M"),
            >= 1e4 => (3, "k"),
            _ => (0, ""),
        };
        int decimals = Math.Max(0, power - exponent);
        bool scientific = power < 0 || (decimals > 5 && largest < 1e-2);
        int digits = largest > 0 ? Math.Max(0, (int)Math.Floor(Math.Log10(largest)) - exponent) : 0;
        var labels = new string[values.Length];
        for (int index = 0; index < values.Length; index++)
        {
            double value = values[index];
            labels[index] = value == 0 ? "0"
                : scientific ? value.ToString("0." + new string('#', digits) + "e0", CultureInfo.InvariantCulture)
                : (value / Math.Pow(10, power)).ToString("F" + decimals.ToString(CultureInfo.InvariantCulture), CultureInfo.InvariantCulture) + unit;
        }

        return labels;
    }
}

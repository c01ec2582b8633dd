using System.Text;
using OpenTelemetry.Metrics;

namespace Pantheon.Serving.Observability;

/// <summary>
/// Names of the Prometheus data model for instruments named as OpenTelemetry names them: dots become underscores, the
/// unit is spelt out as a suffix, counters end in _total. Source: OpenTelemetry specification, "Prometheus and OpenMetrics
/// Compatibility".
/// </summary>
internal static class PrometheusNames
{
    public static string OfMetric(string name, string unit, MetricType type)
    {
        const string total = "_total";
        bool counter = type is MetricType.LongSum or MetricType.DoubleSum;
        string result = Sanitize(name, colons: true);
        if (counter && result.EndsWith(total, StringComparison.Ordinal))
        {
            result = result[..^total.Length];
        }

        string word = UnitWord(unit, type.IsGauge());
        if (word.Length > 0 && !result.EndsWith("_" + word, StringComparison.Ordinal))
        {
            result = $"{result}_{word}";
        }

        return counter ? result + total : result;
    }

    /// <summary>A label's name: no colons, no leading double underscore (reserved), never the histogram's own <c>le</c>.</summary>
    public static string OfLabel(string name)
    {
        string result = Sanitize(name, colons: false);
        return result == "le" ? "exported_le" : result;
    }

    public static string OfType(MetricType type) => type switch
    {
        MetricType.LongSum or MetricType.DoubleSum => "counter",
        MetricType.Histogram or MetricType.ExponentialHistogram => "histogram",
        _ => "gauge",
    };

    private static string Sanitize(string name, bool colons)
    {
        StringBuilder result = new(name.Length + 1);
        foreach (char c in name)
        {
            if (char.IsAsciiLetter(c) || (char.IsAsciiDigit(c) && result.Length > 0) || (colons && c == ':'))
            {
                result.Append(c);
            }
            else if (char.IsAsciiDigit(c))
            {
                result.Append('_').Append(c);
            }
            else if (result.Length == 0 || result[^1] != '_')
            {
                result.Append('_');
            }
        }

        return result.Length == 0 ? "_" : result.ToString();
    }

    private static string UnitWord(string unit, bool gauge)
    {
        int slash = unit.IndexOf('/', StringComparison.Ordinal);
        if (slash > 0)
        {
            string numerator = Word(unit[..slash]);
            string denominator = Singular(Word(unit[(slash + 1)..]));
            return denominator.Length == 0 ? numerator : numerator.Length == 0 ? $"per_{denominator}" : $"{numerator}_per_{denominator}";
        }

        return unit == "1" ? (gauge ? "ratio" : "") : Word(unit);
    }

    // UCUM's case-sensitive codes. An annotation such as {request} names what is counted and is no unit.
    private static string Word(string unit) => unit switch
    {
        "" or ['{', ..] or "1" => "",
        "d" => "days",
        "h" => "hours",
        "min" => "minutes",
        "s" => "seconds",
        "ms" => "milliseconds",
        "us" => "microseconds",
        "ns" => "nanoseconds",
        "By" => "bytes",
        "KiBy" => "kibibytes",
        "MiBy" => "mebibytes",
        "GiBy" => "gibibytes",
        "kBy" => "kilobytes",
        "MBy" => "megabytes",
        "GBy" => "gigabytes",
        "Hz" => "hertz",
        "%" => "percent",
        _ => Sanitize(unit, colons: false).Trim('_'),
    };

    private static string Singular(string word) => word.EndsWith('s') ? word[..^1] : word;
}

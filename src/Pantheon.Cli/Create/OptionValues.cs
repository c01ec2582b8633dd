using System.Globalization;
using Pantheon.Bundles;

namespace Pantheon.Cli.Create;

/// <summary>The small languages of option values. Every failure is one of usage and names the option.</summary>
internal static class OptionValues
{
    /// <summary><c>a,b,c</c>, possibly over several occurrences; each name once.</summary>
    public static IReadOnlyList<string> Names(string option, string[]? values)
    {
        var names = new List<string>();
        foreach (var name in (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)))
        {
            if (name.Length == 0)
            {
                throw Refused(option, string.Join(' ', values!), "names with single commas between");
            }

            if (names.Contains(name, StringComparer.Ordinal))
            {
                throw CommandFailure.OfUsage($"{option}: '{name}' came twice, expected each name once");
            }

            names.Add(name);
        }

        return names;
    }

    /// <summary><c>mean,std</c>.</summary>
    public static Moments? MomentsOf(string option, string? value) =>
        value is null ? null : MomentsOf(option, value, Numbers(option, value, 2, "mean,std such as 0.12,0.05"), 0);

    /// <summary><c>NAME=ownmean,ownstd,basemean,basestd</c>.</summary>
    public static IReadOnlyDictionary<string, ScenarioCalibration> Scenarios(string option, string[]? values) =>
        Named(option, values, "NAME=ownmean,ownstd,basemean,basestd", (value, expected) =>
        {
            var numbers = Numbers(option, value, 4, expected);
            return new ScenarioCalibration(MomentsOf(option, value, numbers, 0), MomentsOf(option, value, numbers, 2));
        });

    /// <summary><c>input=min:max</c>.</summary>
    public static IReadOnlyDictionary<string, IdRange> Ranges(string option, string[]? values) =>
        Named(option, values, "input=min:max such as item_id=0:999", (value, expected) =>
        {
            var bounds = value.Split(':');
            return bounds.Length == 2 && TryInteger(bounds[0], out var min) && TryInteger(bounds[1], out var max) && min >= 0 && min <= max
                ? new IdRange(min, max)
                : throw Refused(option, value, expected);
        });

    /// <summary><c>input=file</c>.</summary>
    public static IReadOnlyDictionary<string, string> Files(string option, string[]? values) =>
        Named(option, values, "input=file.tsv", static (value, _) => value);

    /// <summary><c>input=row</c>.</summary>
    public static IReadOnlyDictionary<string, long> Rows(string option, string[]? values) =>
        Named(option, values, "input=row such as item_id=0", (value, expected) =>
            TryInteger(value, out var row) && row >= 0 ? row : throw Refused(option, value, expected));

    private static Dictionary<string, T> Named<T>(string option, string[]? values, string expected, Func<string, string, T> parse)
    {
        var result = new Dictionary<string, T>(StringComparer.Ordinal);
        foreach (var value in values ?? [])
        {
            var equals = value.IndexOf('=', StringComparison.Ordinal);
            if (equals <= 0 || equals == value.Length - 1)
            {
                throw Refused(option, value, expected);
            }

            if (!result.TryAdd(value[..equals], parse(value[(equals + 1)..], expected)))
            {
                throw CommandFailure.OfUsage($"{option}: '{value[..equals]}' came twice, expected each name once");
            }
        }

        return result;
    }

    private static double[] Numbers(string option, string value, int count, string expected)
    {
        var parts = value.Split(',');
        var numbers = new double[parts.Length];
        for (var i = 0; i < parts.Length; i++)
        {
            if (!double.TryParse(parts[i], NumberStyles.Float, CultureInfo.InvariantCulture, out numbers[i]))
            {
                throw Refused(option, value, expected);
            }
        }

        return numbers.Length == count ? numbers : throw Refused(option, value, expected);
    }

    private static Moments MomentsOf(string option, string value, double[] numbers, int at) =>
        double.IsFinite(numbers[at]) && double.IsFinite(numbers[at + 1]) && numbers[at + 1] > 0
            ? new Moments(numbers[at], numbers[at + 1])
            : throw Refused(option, value, "finite numbers and a standard deviation above 0");

    private static bool TryInteger(string text, out long value) =>
        long.TryParse(text, NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out value);

    private static CommandFailure Refused(string option, string came, string expected) =>
        CommandFailure.OfUsage($"{option}: got '{came}', expected {expected}");
}

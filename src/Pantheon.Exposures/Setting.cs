using System.Globalization;

namespace Pantheon.Exposures;

/// <summary>What a setting may be; the messages name it as the configuration does.</summary>
internal static class Setting
{
    public static void AtLeast<T>(string name, T value, T least)
        where T : IComparable<T>, IFormattable
    {
        if (value.CompareTo(least) < 0)
        {
            throw new ArgumentException($"{name}: got {Text(value)}, expected at least {Text(least)}");
        }
    }

    public static void Between(string name, double value, double least, double most)
    {
        if (!(value >= least && value <= most))
        {
            throw new ArgumentException($"{name}: got {Text(value)}, expected between {Text(least)} and {Text(most)}");
        }
    }

    private static string Text(IFormattable value) => value.ToString(null, CultureInfo.InvariantCulture);
}

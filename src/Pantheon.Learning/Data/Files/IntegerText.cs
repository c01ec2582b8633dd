namespace Pantheon.Learning.Data;

/// <summary>Integers as tables write them.</summary>
internal static class IntegerText
{
    /// <summary>Empty, or one of the words that data frames write for a value that is not there.</summary>
    public static bool IsMissing(ReadOnlySpan<byte> text) =>
        text.Length == 0
        || (text.Length == 3 && (text.SequenceEqual("nan"u8) || text.SequenceEqual("NaN"u8)))
        || (text.Length == 4 && (text.SequenceEqual("null"u8) || text.SequenceEqual("NULL"u8)));

    /// <summary>
    /// An int64 in decimal, also with a fraction of zeros: a column of integers with gaps leaves a data frame as <c>87433.0</c>.
    /// </summary>
    public static bool TryParse(ReadOnlySpan<byte> text, out long value)
    {
        value = 0;
        var at = 0;
        var negative = text.Length > 0 && text[0] == '-';
        if (negative)
        {
            at = 1;
        }

        var first = at;
        // Accumulated below zero, where the range is one wider.
        long sum = 0;
        for (; at < text.Length; at++)
        {
            var digit = (uint)(text[at] - '0');
            if (digit > 9)
            {
                break;
            }

            if (sum < (long.MinValue + (int)digit) / 10)
            {
                return false;
            }

            sum = (sum * 10) - digit;
        }

        if (at == first || (at < text.Length && !IsZeroFraction(text[at..])) || (!negative && sum == long.MinValue))
        {
            return false;
        }

        value = negative ? sum : -sum;
        return true;
    }

    private static bool IsZeroFraction(ReadOnlySpan<byte> text) => text[0] == '.' && text[1..].IndexOfAnyExcept((byte)'0') < 0;
}

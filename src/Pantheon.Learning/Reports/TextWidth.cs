using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>
/// How much room a text may need in pixels. The viewer's font is not known here; these are the widths of a wide one (DejaVu Sans), so
/// that what fits by this count fits everywhere.
/// </summary>
internal static class TextWidth
{
    public static double Of(string text, double size)
    {
        double width = 0;
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += OfRune(rune);
        }

        return width * size;
    }

    /// <summary>The text, or as much of its beginning as fits together with an ellipsis.</summary>
    public static string Fit(string text, double size, double room)
    {
        if (Of(text, size) <= room)
        {
            return text;
        }

        var kept = new StringBuilder();
        double width = OfRune(new Rune('…'));
        foreach (Rune rune in text.EnumerateRunes())
        {
            width += OfRune(rune);
            if (width * size > room)
            {
                break;
            }

            kept.Append(rune);
        }

        return kept.Append('…').ToString();
    }

    private static double OfRune(Rune rune) => rune.Value switch
    {
        ' ' or '.' or ',' or ':' or ';' or '\'' or '|' or '!' or 'i' or 'j' or 'l' or 'I' => 0.34,
        '(' or ')' or '[' or ']' or '-' or 'f' or 't' or 'r' or '/' => 0.42,
        'c' or 'k' or 's' or 'v' or 'x' or 'y' or 'z' => 0.59,
        'm' or 'w' or 'M' or 'W' or '@' or '%' or '…' => 1,
        '+' or '=' or '<' or '>' or '~' or '±' or '−' => 0.84,
        >= 'A' and <= 'Z' => 0.75,
        < 0x2000 => 0.64,
        _ => 1.05,
    };
}

using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>Plain text as Markdown that shows exactly it (CommonMark 0.31 with GitHub's tables).</summary>
internal static class MarkdownText
{
    /// <summary>A paragraph or a cell; line breaks become spaces, so that no line can begin a block.</summary>
    public static string Escape(string text)
    {
        var escaped = new StringBuilder(text.Length + 8);
        string line = OneLine(text);
        for (int at = 0; at < line.Length; at++)
        {
            char character = line[at];
            char next = at + 1 < line.Length ? line[at + 1] : ' ';
            bool special = character switch
            {
                '\\' or '`' or '*' or '|' or '~' or '$' => true,
                // Inside a word it means nothing, and names of objectives are full of it.
                '_' => !IsWord(line, at - 1) || !IsWord(line, at + 1),
                // A link, its definition, an entity, a tag: intervals in brackets and a < b are none of these.
                ']' => next is '(' or '[' or ':',
                '&' => next == '#' || char.IsAsciiLetter(next),
                '<' => next is '/' or '!' or '?' || char.IsAsciiLetter(next),
                // What begins a block at the start of a line only.
                '#' or '>' => at == 0,
                '+' or '-' or '=' => at == 0 && !char.IsLetterOrDigit(next),
                '.' or ')' => next == ' ' && at > 0 && line.AsSpan(0, at).IndexOfAnyExceptInRange('0', '9') < 0,
                _ => false,
            };
            if (special)
            {
                escaped.Append('\\');
            }

            escaped.Append(character);
        }

        return escaped.ToString();
    }

    /// <summary>A code span, also inside a table.</summary>
    public static string Code(string text)
    {
        string line = OneLine(text);
        if (line.Length == 0)
        {
            return "";
        }

        string fence = new('`', LongestRun(line) + 1);
        string space = line[0] == '`' || line[^1] == '`' ? " " : "";
        // The only escape that works inside a code span, and only in a table.
        return $"{fence}{space}{line.Replace("|", "\\|", StringComparison.Ordinal)}{space}{fence}";
    }

    public static string Block(string text, string? language)
    {
        string fence = new('`', Math.Max(3, LongestRun(text) + 1));
        return $"{fence}{language}\n{text.ReplaceLineEndings("\n").TrimEnd('\n')}\n{fence}\n";
    }

    private static string OneLine(string text) => text.ReplaceLineEndings(" ").Replace('\t', ' ').Trim();

    private static bool IsWord(string line, int at) => at >= 0 && at < line.Length && char.IsLetterOrDigit(line[at]);

    private static int LongestRun(string text)
    {
        (int longest, int run) = (0, 0);
        foreach (char character in text)
        {
            run = character == '`' ? run + 1 : 0;
            longest = Math.Max(longest, run);
        }

        return longest;
    }
}

using System.Globalization;
using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>
/// Writes elements that are well-formed XML and mean the same as HTML: only void elements close themselves. A line for each element
/// that asks for one, so that reports can be compared line by line.
/// </summary>
internal sealed class Markup
{
    private readonly StringBuilder _text = new();

    public Markup Open(string name, params ReadOnlySpan<(string Name, string Value)> attributes) => Start(name, attributes, ">");

    /// <summary>An element without content; only for void elements of HTML and for SVG.</summary>
    public Markup Empty(string name, params ReadOnlySpan<(string Name, string Value)> attributes) => Start(name, attributes, "/>");

    public Markup Close(string name)
    {
        _text.Append("</").Append(name).Append('>');
        return this;
    }

    public Markup Text(string text)
    {
        Escape(_text, text);
        return this;
    }

    public Markup Element(string name, string text, params ReadOnlySpan<(string Name, string Value)> attributes) =>
        Open(name, attributes).Text(text).Close(name);

    /// <summary>What is markup already, or holds nothing to escape.</summary>
    public Markup Raw(string markup)
    {
        _text.Append(markup);
        return this;
    }

    public Markup Line()
    {
        _text.Append('\n');
        return this;
    }

    public override string ToString() => _text.ToString();

    private Markup Start(string name, ReadOnlySpan<(string Name, string Value)> attributes, string end)
    {
        _text.Append('<').Append(name);
        foreach ((string attribute, string value) in attributes)
        {
            if (attribute == "class" && value.Length == 0)
            {
                continue;
            }

            _text.Append(' ').Append(attribute).Append("=\"");
            Escape(_text, value);
            _text.Append('"');
        }

        _text.Append(end);
        return this;
    }

    private static void Escape(StringBuilder target, string text)
    {
        foreach (Rune rune in text.EnumerateRunes())
        {
            switch (rune.Value)
            {
                case '&':
                    target.Append("&amp;");
                    break;
                case '<':
                    target.Append("&lt;");
                    break;
                case '>':
                    target.Append("&gt;");
                    break;
                case '"':
                    target.Append("&quot;");
                    break;
                case '\'':
                    target.Append("&#39;");
                    break;
                // XML has no way to write these; half surrogate pairs have become U+FFFD by now.
                case < ' ' and not ('\n' or '\t') or 0xFFFE or 0xFFFF:
                    target.Append('�');
                    break;
                default:
                    target.Append(CultureInfo.InvariantCulture, $"{rune}");
                    break;
            }
        }
    }
}

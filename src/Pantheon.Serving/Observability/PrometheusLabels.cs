using System.Globalization;
using OpenTelemetry;

namespace Pantheon.Serving.Observability;

/// <summary>
/// Renders the label sets of one metric's points, <c>name="value",...</c> without braces, and tells those that were seen:
/// two tag sets can become one label set (a.b and a_b), and a series given twice makes Prometheus refuse the whole scrape.
/// </summary>
internal sealed class PrometheusLabels : IEqualityComparer<(int Start, int Length)>
{
    private readonly PrometheusText _text = new(4096);
    private readonly HashSet<(int Start, int Length)> _seen;
    private readonly Dictionary<string, string> _names = new(StringComparer.Ordinal);
    private readonly List<string> _used = [];

    public PrometheusLabels() => _seen = new(this);

    /// <summary>Forgets the label sets of the metric before.</summary>
    public void Clear()
    {
        _text.Truncate(0);
        _seen.Clear();
    }

    /// <summary>Renders one tag set; false if the metric has had the same label set before.</summary>
    public bool TryRender(ReadOnlyTagCollection tags, out ReadOnlySpan<byte> labels)
    {
        int start = _text.Length;
        _used.Clear();
        foreach (KeyValuePair<string, object?> tag in tags)
        {
            string name = Name(tag.Key);
            // An empty value and no label are the same thing to Prometheus.
            if (tag.Value is null or "" || _used.Contains(name))
            {
                continue;
            }

            _text.Append(_used.Count == 0 ? ""u8 : ","u8);
            _used.Add(name);
            _text.Append(name);
            _text.Append("=\""u8);
            AppendValue(tag.Value);
            _text.Append("\""u8);
        }

        labels = _text.Written[start..];
        return _seen.Add((start, labels.Length));
    }

    public bool Equals((int Start, int Length) x, (int Start, int Length) y) => Bytes(x).SequenceEqual(Bytes(y));

    public int GetHashCode((int Start, int Length) set)
    {
        HashCode hash = new();
        hash.AddBytes(Bytes(set));
        return hash.ToHashCode();
    }

    private ReadOnlySpan<byte> Bytes((int Start, int Length) set) => _text.Written.Slice(set.Start, set.Length);

    private string Name(string key)
    {
        // Keys are written in code, so there are few; the cap only guards against a library that makes them up.
        if (!_names.TryGetValue(key, out string? name))
        {
            name = PrometheusNames.OfLabel(key);
            if (_names.Count < 1024)
            {
                _names.Add(key, name);
            }
        }

        return name;
    }

    private void AppendValue(object value)
    {
        switch (value)
        {
            case string text:
                _text.AppendEscaped(text, quoted: true);
                break;
            case bool flag:
                _text.Append(flag ? "true"u8 : "false"u8);
                break;
            case int number:
                _text.Append(number);
                break;
            case long number:
                _text.Append(number);
                break;
            default:
                _text.AppendEscaped(Convert.ToString(value, CultureInfo.InvariantCulture) ?? "", quoted: true);
                break;
        }
    }
}

using System.Buffers.Text;
using System.Text;
using System.Text.Unicode;

namespace Pantheon.Bundles;

/// <summary>
/// The file of a vocabulary: UTF-8, a header line <c>raw TAB row</c>, then a line for each raw id. Several raw ids may share a row.
/// </summary>
internal static class VocabularyFile
{
    /// <summary>Some 50 million ids, and offsets that fit an int.</summary>
    public const long MaxBytes = 1 << 30;

    private const int ShownBytes = 60;

    public static ReadOnlySpan<byte> Header => "raw\trow"u8;

    /// <summary>The rows a vocabulary may name: those in the input's range, and no more than an int, as no embedding table has more.</summary>
    public static (long Lowest, long Highest) Rows(IdRange? range) =>
        (range?.Min ?? 0, Math.Min(range?.Max ?? int.MaxValue, int.MaxValue));

    /// <param name="bytes">The whole file; kept by a vocabulary of strings.</param>
    /// <param name="spec">What the manifest says of the file.</param>
    /// <param name="range">The input's rows, null if unknown.</param>
    public static Vocabulary Parse(byte[] bytes, VocabularySpec spec, IdRange? range)
    {
        if (!Utf8.IsValid(bytes))
        {
            throw new BundleException($"{spec.File}: not UTF-8");
        }

        var (line, position) = NextLine(bytes, 0);
        if (!bytes.AsSpan(line).SequenceEqual(Header))
        {
            throw Refused(spec.File, 1, Show(bytes.AsSpan(line)), "the header \"raw\", a tab, \"row\"");
        }

        // An entry has at least a digit, a tab, a digit and a newline: empty lines must not make us reserve room for entries.
        var lines = Math.Min(bytes.AsSpan(position).Count((byte)'\n') + 1, ((bytes.Length - position) / 4) + 1);
        var integers = spec.Kind == VocabularyKind.Int64 ? new Int64Table(lines) : null;
        var texts = spec.Kind == VocabularyKind.String ? new Utf8Table(bytes, lines) : null;
        var (lowest, highest) = Rows(range);
        for (var number = 2; position < bytes.Length; number++)
        {
            (line, position) = NextLine(bytes, position);
            var content = bytes.AsSpan(line);
            var tab = content.IndexOf((byte)'\t');
            if (tab < 0)
            {
                throw Refused(spec.File, number, Show(content), "a raw id, a tab and a row");
            }

            var raw = content[..tab];
            if (!TryParse(content[(tab + 1)..], out var row) || row < lowest || row > highest)
            {
                throw Refused(spec.File, number, $"row {Show(content[(tab + 1)..])}", $"an integer from {lowest} to {highest}");
            }

            var added = integers is not null
                ? integers.TryAdd(ParseId(raw, spec.File, number), (int)row)
                : texts!.TryAdd(line.Start.Value, RequireText(raw, spec.File, number), (int)row);
            if (!added)
            {
                throw Refused(spec.File, number, $"raw id {Show(raw)} came before", "each raw id once");
            }
        }

        var vocabulary = integers is not null ? new Vocabulary(integers, spec.UnknownRow) : new Vocabulary(texts!, spec.UnknownRow);
        return vocabulary.Count > 0
            ? vocabulary
            : throw new BundleException($"{spec.File}: no ids, expected at least one: every id would be row {spec.UnknownRow}");
    }

    /// <summary>Copies a table that somebody brings, whose header may be any, under ours.</summary>
    public static void Import(string path, Stream destination)
    {
        using var source = new BufferedStream(File.OpenRead(path), 1 << 16);
        var header = new List<byte>();
        int next;
        while ((next = source.ReadByte()) is not (-1 or '\n'))
        {
            header.Add((byte)next);
            if (header.Count > 4096)
            {
                break;
            }
        }

        var content = header.ToArray().AsSpan().TrimEnd((byte)'\r');
        var tab = content.IndexOf((byte)'\t');
        if (tab < 0 || TryParse(content[(tab + 1)..], out _))
        {
            // A table without a header would lose its first id.
            throw Refused(path, 1, Show(content), "a header line: two column names with a tab between");
        }

        destination.Write(Header);
        destination.WriteByte((byte)'\n');
        source.CopyTo(destination);
    }

    private static (Range Line, int Next) NextLine(ReadOnlySpan<byte> bytes, int start)
    {
        var length = bytes[start..].IndexOf((byte)'\n');
        var end = length < 0 ? bytes.Length : start + length;
        var next = length < 0 ? end : end + 1;
        return (start..(end > start && bytes[end - 1] == '\r' ? end - 1 : end), next);
    }

    private static bool TryParse(ReadOnlySpan<byte> text, out long value) =>
        Utf8Parser.TryParse(text, out value, out var consumed) && consumed == text.Length;

    private static long ParseId(ReadOnlySpan<byte> raw, string file, int line) =>
        TryParse(raw, out var id) ? id : throw Refused(file, line, $"raw id {Show(raw)}", "an integer of 64 bits");

    private static int RequireText(ReadOnlySpan<byte> raw, string file, int line) =>
        raw.Length > 0 ? raw.Length : throw Refused(file, line, "an empty raw id", "at least one byte");

    private static string Show(ReadOnlySpan<byte> text) =>
        text.Length <= ShownBytes ? $"\"{Encoding.UTF8.GetString(text)}\"" : $"\"{Encoding.UTF8.GetString(text[..ShownBytes])}...\"";

    private static BundleException Refused(string file, int line, string came, string expected) =>
        new($"{file}: line {line}: {came}, expected {expected}");
}

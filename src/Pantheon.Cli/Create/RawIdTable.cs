using System.Globalization;
using Pantheon.Bundles;

namespace Pantheon.Cli.Create;

/// <summary>
/// A table of raw ids and rows that the user brings. Only what the manifest has to say of it is read here: whether the ids are
/// integers, and which row is for unknown ones. Bundles judges every line when it is published.
/// </summary>
internal sealed class RawIdTable
{
    private const int SampleSize = 1024;

    private RawIdTable(string path, VocabularySpec spec, IReadOnlyList<long> rows)
    {
        Path = path;
        Spec = spec;
        Rows = rows;
    }

    public string Path { get; }

    public VocabularySpec Spec { get; }

    /// <summary>Some of the rows that it names.</summary>
    public IReadOnlyList<long> Rows { get; }

    /// <param name="input">The input it is for.</param>
    /// <param name="path">Two columns, raw id and row, under a header.</param>
    /// <param name="unknownRow">Null: row 0, if no raw id has it.</param>
    public static RawIdTable Read(string input, string path, long? unknownRow)
    {
        var integers = true;
        var rows = new List<long>();
        foreach (var line in File.ReadLines(path).Skip(1))
        {
            var tab = line.IndexOf('\t', StringComparison.Ordinal);
            if (tab < 0)
            {
                // Reported with its place when the table is published.
                continue;
            }

            integers &= long.TryParse(line.AsSpan(0, tab), NumberStyles.AllowLeadingSign, CultureInfo.InvariantCulture, out _);
            if (!long.TryParse(line.AsSpan(tab + 1), NumberStyles.None, CultureInfo.InvariantCulture, out var row))
            {
                continue;
            }

            if (row == 0 && unknownRow is null)
            {
                throw new CommandFailure($"{path}: raw id '{line[..tab]}' has row 0: say which row unknown ids get with --unknown {input}=ROW");
            }

            if (rows.Count < SampleSize)
            {
                rows.Add(row);
            }
        }

        var spec = new VocabularySpec
        {
            File = $"vocabularies/{input}.tsv",
            Kind = integers ? VocabularyKind.Int64 : VocabularyKind.String,
            UnknownRow = unknownRow ?? 0,
        };
        return new RawIdTable(path, spec, rows);
    }
}

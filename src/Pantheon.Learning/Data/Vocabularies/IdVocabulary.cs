using System.Globalization;
using System.Text;
using Pantheon.Bundles;

namespace Pantheon.Learning.Data;

/// <summary>
/// Raw ids to rows of one embedding table. Row 0 is for all ids that have none; the others are 1, 2, ... in the order of the ids' first
/// exposure in the training period. Immutable; lookups may run concurrently.
/// </summary>
public sealed class IdVocabulary
{
    private readonly IdIndex? _integers;
    private readonly Dictionary<string, int>? _texts;
    private readonly long[] _rawIntegers;
    private readonly string[] _rawTexts;

    /// <param name="table">Name of the embedding table.</param>
    /// <param name="raw">Different ids, the first gets row 1.</param>
    public IdVocabulary(string table, long[] raw)
    {
        Table = table;
        _rawIntegers = raw;
        _rawTexts = [];
        _integers = new IdIndex(raw.Length);
        foreach (var id in raw)
        {
            _integers.GetOrAdd(id);
        }
    }

    /// <inheritdoc cref="IdVocabulary(string, long[])"/>
    internal IdVocabulary(string table, string[] raw)
    {
        Table = table;
        _rawIntegers = [];
        _rawTexts = raw;
        _texts = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var id in raw)
        {
            _texts.Add(id, _texts.Count + 1);
        }
    }

    /// <summary>Name of the embedding table.</summary>
    public string Table { get; }

    public VocabularyKind Kind => _integers is null ? VocabularyKind.String : VocabularyKind.Int64;

    /// <summary>Rows of the table, row 0 included.</summary>
    public int Rows => 1 + (_integers is null ? _rawTexts.Length : _rawIntegers.Length);

    /// <summary>The row of an integer id, 0 if it has none.</summary>
    /// <exception cref="InvalidOperationException">A vocabulary of text.</exception>
    public int Map(long raw) => (_integers ?? throw new InvalidOperationException($"table {Table} has ids of text")).IndexOf(raw) + 1;

    /// <summary>The row of an id that is text, 0 if it has none.</summary>
    /// <exception cref="InvalidOperationException">A vocabulary of integers.</exception>
    public int Map(string raw) =>
        (_texts ?? throw new InvalidOperationException($"table {Table} has ids that are integers")).GetValueOrDefault(raw);

    /// <summary>Writes the file that a bundle takes: UTF-8, a header <c>raw TAB row</c>, then an id and its row on each line.</summary>
    public void Save(Stream stream)
    {
        using var writer = new StreamWriter(stream, new UTF8Encoding(false), 1 << 16, leaveOpen: true) { NewLine = "\n" };
        writer.WriteLine("raw\trow");
        for (var row = 1; row < Rows; row++)
        {
            writer.Write(_integers is null ? _rawTexts[row - 1] : _rawIntegers[row - 1].ToString(CultureInfo.InvariantCulture));
            writer.Write('\t');
            writer.WriteLine(row.ToString(CultureInfo.InvariantCulture));
        }
    }

    /// <summary>Writes the file to a path, over what is there.</summary>
    public void Save(string path)
    {
        using var stream = File.Create(path);
        Save(stream);
    }

    /// <summary>The file as a part of a bundle.</summary>
    /// <param name="name">Path inside the bundle, usually <c>vocabularies/TABLE.tsv</c>.</param>
    public BundleSource ToSource(string name) => new(name, Save);
}

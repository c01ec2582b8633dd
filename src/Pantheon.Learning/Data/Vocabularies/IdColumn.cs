using System.Text;
using Pantheon.Bundles;
using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>
/// A raw id for each entity (user, video, tab, hour) and its row of a table: what the id features of all exposures are looked up in.
/// </summary>
internal sealed class IdColumn
{
    private readonly long[] _integers;
    private readonly string[] _texts;

    private IdColumn(IdVocabulary vocabulary, long[] integers, string[] texts, int[] rows)
    {
        Vocabulary = vocabulary;
        _integers = integers;
        _texts = texts;
        Rows = rows;
    }

    public IdVocabulary Vocabulary { get; }

    /// <summary>Row of the table, by entity.</summary>
    public int[] Rows { get; }

    /// <summary>Integers with a table that has a row for each of some ids, whatever the log shows.</summary>
    public static IdColumn Fixed(IdVocabulary vocabulary, long[] raw) => new(vocabulary, raw, [], [.. raw.Select(vocabulary.Map)]);

    /// <summary>Integers, with a table of those that the training period shows often enough.</summary>
    /// <param name="table">The table's name.</param>
    /// <param name="raw">Raw id by entity.</param>
    /// <param name="entityOf">Entity by exposure.</param>
    /// <param name="train">Exposures of the training period.</param>
    /// <param name="minCount">Exposures an id must have there.</param>
    public static IdColumn Learn(string table, long[] raw, int[] entityOf, RowRange train, int minCount)
    {
        var numbers = new IdIndex();
        var codes = new int[raw.Length];
        for (var entity = 0; entity < raw.Length; entity++)
        {
            codes[entity] = raw[entity] == EntityTable.Missing ? -1 : numbers.GetOrAdd(raw[entity]);
        }

        var (rows, firsts) = Rank(codes, numbers.Count, entityOf, train, minCount);
        var vocabulary = new IdVocabulary(table, [.. firsts.Select(entity => raw[entity])]);
        return new IdColumn(vocabulary, raw, [], rows);
    }

    /// <inheritdoc cref="Learn(string, long[], int[], RowRange, int)"/>
    public static IdColumn Learn(string table, string[] raw, int[] entityOf, RowRange train, int minCount)
    {
        var numbers = new Dictionary<string, int>(StringComparer.Ordinal);
        var codes = new int[raw.Length];
        for (var entity = 0; entity < raw.Length; entity++)
        {
            if (raw[entity].Length == 0)
            {
                codes[entity] = -1;
            }
            else if (!numbers.TryGetValue(raw[entity], out codes[entity]))
            {
                codes[entity] = numbers.Count;
                numbers.Add(raw[entity], numbers.Count);
            }
        }

        var (rows, firsts) = Rank(codes, numbers.Count, entityOf, train, minCount);
        var vocabulary = new IdVocabulary(table, [.. firsts.Select(entity => raw[entity])]);
        return new IdColumn(vocabulary, [], raw, rows);
    }

    /// <summary>The same ids in the rows that a bundle gives them.</summary>
    /// <param name="vocabulary">Of the ids' kind; null: an integer is its own row.</param>
    /// <exception cref="DataException">Without a vocabulary: an id is text, or no row that a table can have.</exception>
    public IdColumn In(Vocabulary? vocabulary)
    {
        var rows = new int[Rows.Length];
        for (var entity = 0; entity < rows.Length; entity++)
        {
            rows[entity] = vocabulary is null ? RowOf(entity)
                : Vocabulary.Kind == VocabularyKind.Int64 ? (int)vocabulary.Map(_integers[entity])
                : (int)vocabulary.Map(Encoding.UTF8.GetBytes(_texts[entity]));
        }

        return new IdColumn(Vocabulary, _integers, _texts, rows);
    }

    public long RawInteger(int entity) => _integers[entity];

    /// <summary>What a gateway would send for an entity.</summary>
    public RawFeature Raw(Feature feature, int entity) => Vocabulary.Kind == VocabularyKind.Int64
        ? new RawFeature(feature) { Ids = [_integers[entity]] }
        : new RawFeature(feature) { Texts = [_texts[entity]] };

    private int RowOf(int entity)
    {
        if (Vocabulary.Kind != VocabularyKind.Int64)
        {
            throw new DataException($"'{_texts[entity]}' came, expected an integer: without a vocabulary an id is its own row");
        }

        var id = _integers[entity];
        return id is >= int.MinValue and <= int.MaxValue
            ? (int)id
            : throw new DataException($"{id} came, expected an integer of 32 bits: without a vocabulary an id is its own row");
    }

    /// <returns>Row by entity, and for rows 1, 2, ... an entity that has it.</returns>
    private static (int[] Rows, List<int> Firsts) Rank(int[] codes, int codeCount, int[] entityOf, RowRange train, int minCount)
    {
        var counts = new int[codeCount];
        var firstEntity = new int[codeCount];
        var order = new List<int>();
        for (var row = train.Start; row < train.End; row++)
        {
            var code = codes[entityOf[row]];
            if (code >= 0 && counts[code]++ == 0)
            {
                firstEntity[code] = entityOf[row];
                order.Add(code);
            }
        }

        var rowOfCode = new int[codeCount];
        var firsts = new List<int>();
        foreach (var code in order)
        {
            if (counts[code] >= minCount)
            {
                firsts.Add(firstEntity[code]);
                rowOfCode[code] = firsts.Count;
            }
        }

        var rows = new int[codes.Length];
        for (var entity = 0; entity < rows.Length; entity++)
        {
            rows[entity] = codes[entity] < 0 ? 0 : rowOfCode[codes[entity]];
        }

        return (rows, firsts);
    }
}

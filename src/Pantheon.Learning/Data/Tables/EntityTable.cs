using System.Globalization;
using System.Text;

namespace Pantheon.Learning.Data;

/// <summary>How the cells of a table's column are read.</summary>
internal enum CellKind
{
    /// <summary>An integer, or missing.</summary>
    Integer,

    /// <summary>Text.</summary>
    Text,

    /// <summary>Integers with commas between, of which the first is read: KuaiRand orders a video's tags by weight.</summary>
    ListHead,

    /// <summary>yyyy-MM-dd or yyyyMMdd: when that day begins in China, in milliseconds since 1970 UTC.</summary>
    Date,
}

/// <summary>
/// The user or the video table, for those ids that the log has: a value for each index of the log. A repeated id keeps its first row.
/// </summary>
internal sealed class EntityTable
{
    /// <summary>An integer that is not there. Never in a vocabulary, so it ends in row 0.</summary>
    public const long Missing = -1;

    /// <summary>As <see cref="Missing"/>, for text.</summary>
    public const string MissingText = "";

    private readonly Dictionary<string, long[]> _integers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, string[]> _texts = new(StringComparer.Ordinal);

    private EntityTable()
    {
    }

    public long[] Integers(string column) => _integers[column];

    public string[] Texts(string column) => _texts[column];

    /// <param name="paths">Parts of the table.</param>
    /// <param name="id">Its id column.</param>
    /// <param name="columns">What to read beside the id.</param>
    /// <param name="numbers">Ids to indices; rows of other ids are passed over.</param>
    /// <param name="options">Threads and limits.</param>
    /// <param name="cancellation">Stops between two blocks.</param>
    public static (EntityTable Table, List<FileReport> Files, List<BadRow> Bad) Read(
        IReadOnlyList<string> paths,
        string id,
        IReadOnlyList<(string Name, CellKind Kind)> columns,
        IdIndex numbers,
        DatasetOptions options,
        CancellationToken cancellation)
    {
        List<TableFile> files = [];
        try
        {
            foreach (var path in paths)
            {
                files.Add(TableFile.Open(path));
            }

            foreach (var file in files)
            {
                file.Header.Require(id);
                foreach (var column in columns)
                {
                    file.Header.Require(column.Name);
                }
            }

            var (sinks, reports, bad) = TableReader<Sink>.Read(
                files, file => new Sink(file.Header, id, columns, numbers), options, cancellation);
            return (Join(sinks, columns, numbers.Count), reports, bad);
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    private static EntityTable Join(List<Sink> sinks, IReadOnlyList<(string Name, CellKind Kind)> columns, int entities)
    {
        var table = new EntityTable();
        var seen = new bool[entities];
        foreach (var (name, kind) in columns)
        {
            if (kind == CellKind.Text)
            {
                table._texts[name] = Filled(entities, MissingText);
            }
            else
            {
                table._integers[name] = Filled(entities, Missing);
            }
        }

        foreach (var sink in sinks)
        {
            for (var row = 0; row < sink.Entities.Count; row++)
            {
                var entity = sink.Entities[row];
                if (seen[entity])
                {
                    continue;
                }

                seen[entity] = true;
                for (var column = 0; column < columns.Count; column++)
                {
                    var cell = (row * columns.Count) + column;
                    if (columns[column].Kind == CellKind.Text)
                    {
                        table._texts[columns[column].Name][entity] = sink.Texts[cell];
                    }
                    else
                    {
                        table._integers[columns[column].Name][entity] = sink.Integers[cell];
                    }
                }
            }
        }

        return table;
    }

    private static T[] Filled<T>(int count, T value)
    {
        var array = new T[count];
        Array.Fill(array, value);
        return array;
    }

    private sealed class Sink(TableHeader header, string id, IReadOnlyList<(string Name, CellKind Kind)> columns, IdIndex numbers)
        : IRowSink
    {
        private readonly int _id = header.Require(id);
        private readonly int[] _columns = [.. columns.Select(column => header.Require(column.Name))];
        private readonly Dictionary<string, string>.AlternateLookup<ReadOnlySpan<char>> _pool =
            new Dictionary<string, string>(StringComparer.Ordinal).GetAlternateLookup<ReadOnlySpan<char>>();

        public List<int> Entities { get; } = [];

        /// <summary>Row-major over all columns, as <see cref="Texts"/>.</summary>
        public List<long> Integers { get; } = [];

        public List<string> Texts { get; } = [];

        public string? Accept(FieldSplitter row)
        {
            if (!IntegerText.TryParse(row[_id], out var raw))
            {
                return $"{id} is {row.Show(_id)}, expected an integer";
            }

            var entity = numbers.IndexOf(raw);
            for (var index = 0; index < _columns.Length; index++)
            {
                var value = Missing;
                var text = MissingText;
                if (Cell(row, index, ref value, ref text) is { } reason)
                {
                    // A bad row leaves nothing behind.
                    Integers.RemoveRange(Entities.Count * _columns.Length, Integers.Count - (Entities.Count * _columns.Length));
                    Texts.RemoveRange(Entities.Count * _columns.Length, Texts.Count - (Entities.Count * _columns.Length));
                    return reason;
                }

                if (entity >= 0)
                {
                    Integers.Add(value);
                    Texts.Add(text);
                }
            }

            if (entity >= 0)
            {
                Entities.Add(entity);
            }

            return null;
        }

        private string? Cell(FieldSplitter row, int index, ref long value, ref string text)
        {
            var cell = row[_columns[index]];
            var (name, kind) = columns[index];
            if (kind == CellKind.Text)
            {
                text = Pooled(cell);
                return text.Contains('\t', StringComparison.Ordinal) ? $"{name} holds a tab, which a vocabulary's file cannot hold" : null;
            }

            if (IntegerText.IsMissing(cell))
            {
                return null;
            }

            switch (kind)
            {
                case CellKind.ListHead:
                    var comma = cell.IndexOf((byte)',');
                    return IntegerText.TryParse(comma < 0 ? cell : cell[..comma], out value)
                        ? null
                        : $"{name} is {row.Show(_columns[index])}, expected integers with commas between";
                case CellKind.Date:
                    return TryParseDate(cell, out value)
                        ? null
                        : $"{name} is {row.Show(_columns[index])}, expected a date such as 2022-04-08";
                default:
                    return IntegerText.TryParse(cell, out value) ? null : $"{name} is {row.Show(_columns[index])}, expected an integer";
            }
        }

        private static bool TryParseDate(ReadOnlySpan<byte> cell, out long startMs)
        {
            Span<char> text = stackalloc char[10];
            startMs = Missing;
            if (cell.Length > 10 || !Encoding.ASCII.TryGetChars(cell, text, out var length))
            {
                return false;
            }

            var format = length == 8 ? "yyyyMMdd" : "yyyy-MM-dd";
            var isDate = DateOnly.TryParseExact(text[..length], format, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day);
            if (!isDate || day.Year < 1971)
            {
                return false;
            }

            startMs = ChinaTime.StartOf(day);
            return true;
        }

        private string Pooled(ReadOnlySpan<byte> cell)
        {
            const int Short = 256;
            if (cell.Length > Short)
            {
                return Encoding.UTF8.GetString(cell);
            }

            Span<char> text = stackalloc char[Short];
            var key = text[..Encoding.UTF8.GetChars(cell, text)];
            if (!_pool.TryGetValue(key, out var pooled))
            {
                pooled = key.ToString();
                _pool[key] = pooled;
            }

            return pooled;
        }
    }
}

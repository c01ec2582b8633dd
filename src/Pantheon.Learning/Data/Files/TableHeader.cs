using System.Text;

namespace Pantheon.Learning.Data;

/// <summary>The first line of a table: its columns, and by them its delimiter.</summary>
internal sealed class TableHeader
{
    private readonly Dictionary<string, int> _columns = new(StringComparer.Ordinal);

    private TableHeader(string file, byte delimiter, int count)
    {
        File = file;
        Delimiter = delimiter;
        Count = count;
    }

    /// <summary>The file's name, for messages.</summary>
    public string File { get; }

    /// <summary>A tab if the header has one, else a comma.</summary>
    public byte Delimiter { get; }

    /// <summary>Columns, known or not.</summary>
    public int Count { get; }

    public bool Has(string column) => _columns.ContainsKey(column);

    /// <returns>-1 if there is no such column.</returns>
    public int Find(string column) => _columns.GetValueOrDefault(column, -1);

    /// <exception cref="DataException">There is no such column.</exception>
    public int Require(string column) => _columns.TryGetValue(column, out var index)
        ? index
        : throw new DataException($"{File}: no column '{column}'; expected it beside {string.Join(", ", _columns.Keys)}");

    /// <param name="file">The file's name.</param>
    /// <param name="line">The line without its end; quotes are taken off in place.</param>
    public static TableHeader Parse(string file, byte[] line)
    {
        var delimiter = line.AsSpan().Contains((byte)'\t') ? (byte)'\t' : (byte)',';
        var most = line.AsSpan().Count(delimiter) + 1;
        var fields = new FieldSplitter(delimiter, most);
        // Delimiters inside quotes make fewer fields than that, which is no fault here.
        _ = fields.Split(line, 0, line.Length);
        if (line.Length == 0 || fields.Found == 0)
        {
            throw new DataException($"{file}: line 1 is no header; expected column names with commas or tabs between");
        }

        var names = new List<string>();
        for (var index = 0; index < fields.Found; index++)
        {
            names.Add(Encoding.UTF8.GetString(fields[index]).Trim());
        }

        while (names.Count > 1 && names[^1].Length == 0)
        {
            names.RemoveAt(names.Count - 1);
        }

        var header = new TableHeader(file, delimiter, names.Count);
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index].Length > 0 && !header._columns.TryAdd(names[index], index))
            {
                throw new DataException($"{file}: column '{names[index]}' comes twice in the header; expected each once");
            }
        }

        return header;
    }
}

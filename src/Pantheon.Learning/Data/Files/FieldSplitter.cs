using System.Text;

namespace Pantheon.Learning.Data;

/// <summary>
/// The fields of one line. A field in double quotes may hold delimiters and doubled quotes, but no line break: a row is a line, so that
/// line numbers are exact, blocks of a file can be parsed apart from each other, and a stray quote costs one row instead of the rest.
/// </summary>
/// <remarks>Owned by one thread. Fields are slices of the given buffer and valid until its next use.</remarks>
internal sealed class FieldSplitter
{
    private const int ShownBytes = 40;

    private readonly byte _delimiter;
    private readonly int _columns;
    private readonly int[] _starts;
    private readonly int[] _ends;
    private byte[] _buffer = [];

    /// <param name="delimiter">Between two fields.</param>
    /// <param name="columns">Fields that a row has.</param>
    public FieldSplitter(byte delimiter, int columns)
    {
        _delimiter = delimiter;
        _columns = columns;
        _starts = new int[columns];
        _ends = new int[columns];
    }

    /// <summary>Fields of the last line; 0 if its quotes could not be read.</summary>
    public int Found { get; private set; }

    public ReadOnlySpan<byte> this[int column] => _buffer.AsSpan(_starts[column], _ends[column] - _starts[column]);

    /// <summary>The field for a message.</summary>
    public string Show(int column)
    {
        var field = this[column];
        return field.Length <= ShownBytes
            ? $"\"{Encoding.UTF8.GetString(field)}\""
            : $"\"{Encoding.UTF8.GetString(field[..ShownBytes])}...\"";
    }

    /// <summary>Finds the fields of a line without its line end. Doubled quotes are halved in place.</summary>
    /// <returns>Null, or why the line is not a row.</returns>
    public string? Split(byte[] buffer, int start, int end)
    {
        _buffer = buffer;
        Found = 0;
        var delimiter = _delimiter;
        var starts = _starts;
        var ends = _ends;
        var count = 0;
        var at = start;
        while (true)
        {
            var fieldStart = at;
            int fieldEnd;
            if (at < end && buffer[at] == '"')
            {
                fieldStart++;
                fieldEnd = Unquote(buffer, ref at, end);
                if (fieldEnd < 0)
                {
                    return "a quoted field does not end on its line";
                }

                if (at < end && buffer[at] != delimiter)
                {
                    return "text between a closing quote and the next delimiter";
                }
            }
            else
            {
                while (at < end && buffer[at] != delimiter)
                {
                    at++;
                }

                fieldEnd = at;
            }

            if (count < _columns)
            {
                starts[count] = fieldStart;
                ends[count] = fieldEnd;
            }

            count++;
            if (at >= end)
            {
                Found = count;
                // Some exporters end each row with a delimiter.
                var trailing = count == _columns + 1 && fieldStart == fieldEnd;
                return count == _columns || trailing ? null : $"{count} fields, expected {_columns}";
            }

            at++;
        }
    }

    /// <param name="buffer">Holds the field.</param>
    /// <param name="at">The opening quote; afterwards the byte behind the closing one.</param>
    /// <param name="end">Of the line.</param>
    /// <returns>End of the field's content, which begins behind the opening quote; -1 if no quote closes it.</returns>
    private static int Unquote(byte[] buffer, ref int at, int end)
    {
        var write = ++at;
        while (at < end)
        {
            var next = buffer[at++];
            if (next == '"')
            {
                if (at >= end || buffer[at] != '"')
                {
                    return write;
                }

                at++;
            }

            buffer[write++] = next;
        }

        return -1;
    }
}

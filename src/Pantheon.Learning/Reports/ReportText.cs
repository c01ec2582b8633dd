using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>Tables as lines of plain text, for a terminal.</summary>
public static class ReportText
{
    private const string Gap = "  ";

    /// <summary>The caption, the heads, a rule, and a line for each row; columns are padded to their widest cell.</summary>
    public static IEnumerable<string> Of(Table table)
    {
        ArgumentNullException.ThrowIfNull(table);
        var printed = new PrintedTable(table);
        var columns = table.Columns.Count;
        var widths = new int[columns];
        for (var column = 0; column < columns; column++)
        {
            widths[column] = table.Columns[column].Title.Length;
            for (var row = 0; row < table.Rows.Count; row++)
            {
                widths[column] = Math.Max(widths[column], printed.Texts[row, column].Length);
            }
        }

        return Lines();

        IEnumerable<string> Lines()
        {
            if (table.Caption is not null)
            {
                yield return table.Caption;
            }

            yield return Line(column => table.Columns[column].Title);
            yield return string.Join(Gap, widths.Select(width => new string('-', width)));
            for (var row = 0; row < table.Rows.Count; row++)
            {
                var at = row;
                yield return Line(column => printed.Texts[at, column]);
            }
        }

        string Line(Func<int, string> text)
        {
            var line = new StringBuilder();
            for (var column = 0; column < columns; column++)
            {
                var cell = text(column);
                line.Append(column == 0 ? "" : Gap)
                    .Append(printed.Alignments[column] == ColumnAlignment.Right ? cell.PadLeft(widths[column]) : cell.PadRight(widths[column]));
            }

            return line.ToString().TrimEnd();
        }
    }
}

namespace Pantheon.Learning.Reports;

/// <summary>A table as both writers show it: texts, alignments, and which cells are emphasised.</summary>
internal sealed class PrintedTable
{
    public PrintedTable(Table table)
    {
        int columns = table.Columns.Count;
        Texts = new string[table.Rows.Count, columns];
        Emphasised = new bool[table.Rows.Count, columns];
        Alignments = new ColumnAlignment[columns];
        foreach (IReadOnlyList<Cell> row in table.Rows)
        {
            if (row.Count != columns)
            {
                throw new ArgumentException($"a row of {row.Count} cells in a table of {columns} columns ({table.Caption ?? table.Columns[0].Title})");
            }
        }

        for (int column = 0; column < columns; column++)
        {
            Print(table, column);
        }
    }

    /// <summary><c>[rows, columns]</c>.</summary>
    public string[,] Texts { get; }

    public bool[,] Emphasised { get; }

    public ColumnAlignment[] Alignments { get; }

    private void Print(Table table, int index)
    {
        Column column = table.Columns[index];
        int numbers = 0;
        double best = double.NaN;
        for (int row = 0; row < table.Rows.Count; row++)
        {
            Cell cell = table.Rows[row][index];
            if (cell.Number is not { } number)
            {
                Texts[row, index] = cell.Text!;
                continue;
            }

            numbers++;
            Texts[row, index] = NumberText.Of(number, column.Format, column.Interval);
            bool better = column.Best == BestValue.Highest ? number.Value > best : number.Value < best;
            best = !double.IsNaN(number.Value) && (better || double.IsNaN(best)) ? number.Value : best;
        }

        Alignments[index] = column.Alignment ?? (2 * numbers > table.Rows.Count ? ColumnAlignment.Right : ColumnAlignment.Left);
        if (column.Best == BestValue.None || double.IsNaN(best))
        {
            return;
        }

        string bestText = NumberText.Of(best, column.Format);
        for (int row = 0; row < table.Rows.Count; row++)
        {
            Emphasised[row, index] = table.Rows[row][index].Number is { } number && NumberText.Of(number.Value, column.Format) == bestText;
        }
    }
}

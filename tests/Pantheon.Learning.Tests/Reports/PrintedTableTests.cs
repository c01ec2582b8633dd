using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

public sealed class PrintedTableTests
{
    [Fact]
    public void Constructor_Best_IsEveryCellThatLooksLikeTheBest()
    {
        var column = new Column("x") { Format = "0.00" };
        Cell[] cells = [0.504, 0.5, double.NaN, "text", 0.9, 0.901, Estimate.PlusMinus(0.2, 0.9)];

        Assert.Equal([4, 5], Emphasised(column with { Best = BestValue.Highest }, cells));
        Assert.Equal([6], Emphasised(column with { Best = BestValue.Lowest }, cells));
        Assert.Empty(Emphasised(column, cells));
        Assert.Empty(Emphasised(column with { Best = BestValue.Highest }, [double.NaN, "x"]));
        Assert.Equal([1], Emphasised(column with { Best = BestValue.Highest }, [double.NegativeInfinity, -5]));
    }

    [Fact]
    public void Constructor_NoAlignmentGiven_FollowsTheCells()
    {
        var table = new PrintedTable(new Table(
            [new Column("a"), new Column("b"), new Column("c") { Alignment = ColumnAlignment.Centre }], [["x", 1.0, 1.0], ["y", 2.0, 1.0], ["z", "none", 1.0]]));

        Assert.Equal([ColumnAlignment.Left, ColumnAlignment.Right, ColumnAlignment.Centre], table.Alignments);
    }

    [Theory]
    [InlineData(71.934, 71.85, 72.01, IntervalForm.PlusMinus, "71.93 ± 0.08")]
    [InlineData(71.934, 71.85, 72.01, IntervalForm.Ends, "71.93 [71.85, 72.01]")]
    [InlineData(1, 1, 1, IntervalForm.PlusMinus, "1.00")]
    [InlineData(1, double.NaN, 1, IntervalForm.Ends, "1.00")]
    [InlineData(double.NaN, 0, 1, IntervalForm.Ends, "n/a")]
    [InlineData(-0.001, -0.001, -0.001, IntervalForm.Ends, "0.00")]
    public void Of_Estimate_IsPrintedInItsForm(double value, double low, double high, IntervalForm form, string expected) =>
        Assert.Equal(expected, NumberText.Of(new Estimate(value, low, high), "0.00", form));

    private static int[] Emphasised(Column column, Cell[] cells)
    {
        var printed = new PrintedTable(new Table([column], [.. cells.Select(cell => (IReadOnlyList<Cell>)[cell])]));
        return [.. Enumerable.Range(0, cells.Length).Where(row => printed.Emphasised[row, 0])];
    }
}

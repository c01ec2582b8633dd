using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

public sealed class ReportTextTests
{
    [Fact]
    public void Of_Table_AlignsColumnsUnderTheirHeads() => Assert.Equal(
        ["What it shows", "name    value", "------  -----", "first    1.50", "second  12.00"],
        ReportText.Of(new Table([new("name"), new("value") { Format = "0.00" }], [["first", 1.5], ["second", 12.0]], "What it shows")));

    [Fact]
    public void Of_NoCaption_BeginsWithTheHeads() => Assert.Equal(["a", "-", "x"], ReportText.Of(new Table([new("a")], [["x"]])));
}

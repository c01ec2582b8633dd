using System.Globalization;
using System.Text.RegularExpressions;
using System.Xml.Linq;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

public sealed partial class ReportWriterTests : IDisposable
{
    private readonly string _folder = Directory.CreateTempSubdirectory("pantheon-report-").FullName;

    public static TheoryData<string> GoldenNames() => [.. ReportWriter.Files(SampleReport.Small).Select(file => file.Name)];

    public void Dispose() => Directory.Delete(_folder, recursive: true);

    /// <summary>On a difference what came is beside the tests' assembly, to be looked at and, if right, to become the fixture.</summary>
    [Theory]
    [MemberData(nameof(GoldenNames))]
    public void Files_SmallReport_AreTheGoldenOnes(string name)
    {
        string actual = ReportWriter.Files(SampleReport.Small).Single(file => file.Name == name).Text;
        string fixture = Path.Combine(AppContext.BaseDirectory, "fixtures", "small-report", name);
        string golden = File.Exists(fixture) ? File.ReadAllText(fixture) : "";
        if (actual != golden)
        {
            string came = Path.Combine(AppContext.BaseDirectory, "actual", "small-report", name);
            Directory.CreateDirectory(Path.GetDirectoryName(came)!);
            File.WriteAllText(came, actual);
        }

        Assert.Equal(golden, actual);
    }

    [Fact]
    public void Files_AnotherCulture_AreTheSameBytes()
    {
        var before = ReportWriter.Files(SampleReport.Small);
        CultureInfo culture = CultureInfo.CurrentCulture;
        var comma = (CultureInfo)CultureInfo.InvariantCulture.Clone();
        (comma.NumberFormat.NumberDecimalSeparator, comma.NumberFormat.NegativeSign) = (",", "~");
        try
        {
            CultureInfo.CurrentCulture = comma;
            Assert.Equal(before, ReportWriter.Files(SampleReport.Small));
        }
        finally
        {
            CultureInfo.CurrentCulture = culture;
        }
    }

    [Fact]
    public void Files_NastyTexts_AreWellFormedAndReadBackUnchanged()
    {
        foreach ((string name, string text) in ReportWriter.Files(SampleReport.NastyEverywhere).Where(file => file.Name != ReportWriter.MarkdownName))
        {
            XDocument document = XDocument.Parse(text);
            XElement[] elements = [.. document.Descendants()];
            string[] textElements = name == ReportWriter.HtmlName ? ["title", "h1", "h2", "p", "figcaption", "th", "code"] : ["title"];
            foreach (string element in textElements)
            {
                XElement[] found = [.. elements.Where(candidate => candidate.Name.LocalName == element)];
                Assert.NotEmpty(found);
                Assert.All(found, candidate => Assert.Equal(SampleReport.Nasty, candidate.Value));
            }

            Assert.All(elements.Where(element => element.Name.LocalName == "text" && element.Value.EndsWith('…')),
                element => Assert.StartsWith(element.Value[..^1], SampleReport.Nasty, StringComparison.Ordinal));
            Assert.DoesNotContain(elements, element => element.Name.LocalName is "i" or "script");
        }
    }

    [Fact]
    public void Files_ControlCharactersAndHalfPairs_AreStillWellFormed()
    {
        var report = new Report("\u0000\u0008\ud800x\uffff", [new Paragraph("\u001b[31m"), new CodeBlock("\udc00")]);

        XDocument page = XDocument.Parse(ReportWriter.Files(report).Single(file => file.Name == ReportWriter.HtmlName).Text);

        Assert.Equal("\ufffd\ufffd\ufffdx\ufffd", page.Descendants("h1").Single().Value);
    }

    [Fact]
    public void Files_AnyReport_NeedNothingFromElsewhere()
    {
        foreach ((string name, string text) in ReportWriter.Files(SampleReport.Small))
        {
            string rest = text.Replace("xmlns=\"http://www.w3.org/2000/svg\"", "", StringComparison.Ordinal);
            Assert.False(Elsewhere().IsMatch(rest), $"{name}: {Elsewhere().Match(rest).Value}");
        }

        string markdown = ReportWriter.Files(SampleReport.Small).Single(file => file.Name == ReportWriter.MarkdownName).Text;
        string[] names = [.. ReportWriter.Files(SampleReport.Small).Select(file => file.Name)];
        string[] links = [.. Link().Matches(markdown).Select(match => match.Groups[1].Value)];
        Assert.Equal(3, links.Length);
        Assert.All(links, link => Assert.Contains(link, names));
    }

    [Fact]
    public void Write_OverAnEarlierReport_ReplacesItAndLeavesNothingAside()
    {
        string folder = Path.Combine(_folder, "new", "folder");
        ReportWriter.Write(new Report("Earlier", [new Paragraph(new string('x', 10_000))]), folder);
        ReportWriter.Write(SampleReport.Small, folder);

        var expected = ReportWriter.Files(SampleReport.Small);
        Assert.Equal(expected.Select(file => file.Name).Order(StringComparer.Ordinal), Directory.GetFiles(folder).Select(Path.GetFileName).Order(StringComparer.Ordinal));
        Assert.All(expected, file => Assert.Equal(file.Text, File.ReadAllText(Path.Combine(folder, file.Name))));
    }

    [Fact]
    public void Write_ListsOfDifferentLengths_IsRefusedAndWritesNothing()
    {
        ReportBlock[] broken =
        [
            new Table([new Column("a"), new Column("b")], [["one"]]),
            new LinePlot("p", "x", "y", [new Series("s", [1, 2], [1])]),
            new LinePlot("p", "x", "y", [new Series("s", [1], [1]) { Low = [1] }]),
            new BarPlot("p", "x", ["a", "b"], [new BarSeries("s", [new Estimate(1)])]),
        ];
        foreach (ReportBlock block in broken)
        {
            Assert.Throws<ArgumentException>(() => ReportWriter.Write(new Report("r", [block]), _folder));
        }

        Assert.Empty(Directory.GetFileSystemEntries(_folder));
    }

    [Fact]
    public void Files_EqualTitles_HaveDifferentNames()
    {
        var plot = new LinePlot("Loss (train)", "x", "y", []);
        string[] names = [.. ReportWriter.Files(new Report("r", [plot, plot with { Caption = "again" }])).Select(file => file.Name)];

        Assert.Equal(["plot-1-loss-train.svg", "plot-2-loss-train.svg", "report.md", "report.html"], names);
    }

    [Theory]
    [InlineData(2)]
    [InlineData(0)]
    public void Files_PlotsOfNothing_AreDrawnEmpty(int count)
    {
        double[] nothing = [.. Enumerable.Repeat(double.NaN, count)];
        var report = new Report("r",
        [
            new LinePlot("l", "x", "y", [new Series("s", nothing, nothing)]), new LinePlot("l", "x", "y", []),
            new IntervalPlot("i", "x", [new IntervalGroup("g", [.. nothing.Select(value => new IntervalPoint("p", new Estimate(value)))])]),
            new IntervalPlot("i", "x", []) { Reference = null },
            new BarPlot("b", "x", [.. nothing.Select(_ => "c")], [new BarSeries("s", [.. nothing.Select(value => new Estimate(value))])]),
            new BarPlot("b", "x", [], []), new Table([new Column("a")], []), new Facts([]),
        ]);

        Assert.All(ReportWriter.Files(report), file => Assert.DoesNotContain("NaN", file.Text, StringComparison.Ordinal));
    }

    [GeneratedRegex("http|url\\(|@import|src=|href=|<script|<link|<iframe|<object", RegexOptions.IgnoreCase)]
    private static partial Regex Elsewhere();

    [GeneratedRegex("\\]\\(([^)]*)\\)")]
    private static partial Regex Link();
}

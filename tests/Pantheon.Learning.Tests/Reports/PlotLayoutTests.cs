using System.Globalization;
using System.Xml.Linq;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

/// <summary>Whatever is drawn, its texts stand inside the drawing and beside one another.</summary>
public sealed class PlotLayoutTests
{
    public static TheoryData<int> Seeds() => [.. Enumerable.Range(0, 30)];

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Draw_UpToEightSeries_TextsNeverOverlap(int seed)
    {
        var random = new Random(seed);
        int count = random.Next(1, 9);
        double scale = Math.Pow(10, random.Next(-8, 9));
        double offset = (random.NextDouble() - 0.5) * scale * 10;
        string[] names = [.. Enumerable.Range(0, count).Select(_ => Name(random))];
        ReportBlock[] blocks =
        [
            new LinePlot("l", Name(random), Name(random), [.. names.Select(name => new Series(name, Values(20), Values(20)) { Low = Values(20), High = Values(20) })]),
            new IntervalPlot("i", Name(random), [.. names.Select(name => new IntervalGroup(name, [.. names.Select(inner => new IntervalPoint(inner, Value()))]))]),
            new BarPlot("b", Name(random), names, [.. names.Select(name => new BarSeries(name, [.. names.Select(_ => Value())]))]),
        ];

        foreach ((string file, string text) in ReportWriter.Files(new Report("r", blocks)).Where(file => file.Name.EndsWith(".svg", StringComparison.Ordinal)))
        {
            AssertApart(file, XDocument.Parse(text).Root!);
        }

        double[] Values(int length) => [.. Enumerable.Range(0, length).Select(_ => offset + (random.NextDouble() * scale))];

        Estimate Value() => Estimate.PlusMinus(offset + (random.NextDouble() * scale), random.NextDouble() * scale);
    }

    [Fact]
    public void Draw_MillionSteps_KeepsTheExtremesInASmallFile()
    {
        double[] x = [.. Enumerable.Range(0, 1_000_000).Select(step => (double)step)];
        double[] y = [.. x.Select(step => Math.Sin(step / 50_000))];
        y[123_456] = 7;
        y[654_321] = -7;
        var series = new Series("loss", x, y);

        List<int> kept = Thinning.Keep(series, new Axis(Ticks.Inside(0, 1e6, 8), 0, 700));

        Assert.Contains(123_456, kept);
        Assert.Contains(654_321, kept);
        Assert.InRange(kept.Count, 700, 4 * 701);
        Assert.Equal(kept.Order(), kept);
    }

    private static string Name(Random random) =>
        string.Concat(Enumerable.Range(0, random.Next(1, 60)).Select(_ => "abcdefghijklmnopqrstuvwxyzWM _-=10%"[random.Next(35)]));

    private static void AssertApart(string file, XElement svg)
    {
        double[] box = [.. svg.Attribute("viewBox")!.Value.Split(' ').Select(Number)];
        List<(double Left, double Top, double Right, double Bottom, string Text)> texts = [];
        foreach (XElement text in svg.Elements().Where(element => element.Name.LocalName == "text"))
        {
            double width = TextWidth.Of(text.Value, PlotStyle.FontSize);
            if (text.Attribute("transform") is { } transform)
            {
                double[] at = [.. transform.Value.Split('(', ')')[1].Split(' ').Select(Number)];
                texts.Add((at[0] - 10, at[1] - (width / 2), at[0] + 2, at[1] + (width / 2), text.Value));
                continue;
            }

            (double x, double y) = (Number(text.Attribute("x")!.Value), Number(text.Attribute("y")!.Value));
            double left = text.Attribute("text-anchor")!.Value switch { "start" => x, "end" => x - width, _ => x - (width / 2) };
            texts.Add((left, y - 10, left + width, y + 2, text.Value));
        }

        for (int index = 0; index < texts.Count; index++)
        {
            var one = texts[index];
            Assert.True(one.Left >= -1 && one.Top >= -1 && one.Right <= box[2] + 1 && one.Bottom <= box[3] + 1, $"{file}: {one} leaves the drawing");
            foreach (var other in texts.Skip(index + 1))
            {
                bool apart = one.Right <= other.Left || other.Right <= one.Left || one.Bottom <= other.Top || other.Bottom <= one.Top;
                if (!apart)
                {
                    Assert.Fail($"{file}: {one} over {other}");
                }
            }
        }
    }

    private static double Number(string text) => double.Parse(text, CultureInfo.InvariantCulture);
}

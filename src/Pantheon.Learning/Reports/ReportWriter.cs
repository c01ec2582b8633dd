using System.Globalization;
using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>
/// Writes a report as <c>report.md</c>, with an SVG file for each plot, and as <c>report.html</c>, which has them inside. The same
/// report gives the same bytes on every machine.
/// </summary>
public static class ReportWriter
{
    public const string MarkdownName = "report.md";

    public const string HtmlName = "report.html";

    private const int LongestSlug = 48;

    /// <summary>
    /// Writes all files. Each appears whole or not at all, plots before the Markdown that names them; files of an earlier report that
    /// this one does not have are left alone.
    /// </summary>
    /// <param name="report">The report.</param>
    /// <param name="folder">Where to; made if it does not exist.</param>
    /// <exception cref="ArgumentException">Lists of different lengths in a plot or a table; nothing has been written then.</exception>
    /// <exception cref="IOException">A file cannot be written.</exception>
    public static void Write(Report report, string folder)
    {
        List<(string Name, string Text)> files = Files(report);
        Directory.CreateDirectory(folder);
        foreach ((string name, string text) in files)
        {
            Put(Path.Combine(folder, name), text);
        }
    }

    /// <summary>Names and texts of all files, in the order in which they are written.</summary>
    internal static List<(string Name, string Text)> Files(Report report)
    {
        List<(string Name, string Text)> files = [];
        Dictionary<Plot, (string Name, Drawing Drawing)> plots = new(ReferenceEqualityComparer.Instance);
        foreach (Plot plot in report.Blocks.OfType<Plot>())
        {
            string name = string.Create(CultureInfo.InvariantCulture, $"plot-{plots.Count + 1}{Slug(plot.Title)}.svg");
            if (plots.TryAdd(plot, (name, Draw(plot))))
            {
                files.Add((name, plots[plot].Drawing.File()));
            }
        }

        files.Add((MarkdownName, MarkdownWriter.Write(report, plot => plots[plot].Name)));
        files.Add((HtmlName, HtmlWriter.Write(report, plot => plots[plot].Drawing)));
        return files;
    }

    private static Drawing Draw(Plot plot) => plot switch
    {
        LinePlot line => LinePlotDrawing.Draw(line),
        IntervalPlot interval => IntervalPlotDrawing.Draw(interval),
        BarPlot bar => BarPlotDrawing.Draw(bar),
        _ => throw new ArgumentException($"{plot.GetType().Name} is no plot that can be drawn", nameof(plot)),
    };

    /// <summary>A dash and what a file name and a link can both hold of the title.</summary>
    private static string Slug(string title)
    {
        var slug = new StringBuilder();
        bool pending = true;
        foreach (char character in title)
        {
            if (slug.Length == LongestSlug)
            {
                break;
            }

            if (!char.IsAsciiLetterOrDigit(character))
            {
                pending = true;
                continue;
            }

            slug.Append(pending ? "-" : "").Append(char.ToLowerInvariant(character));
            pending = false;
        }

        return slug.ToString();
    }

    private static void Put(string path, string text)
    {
        string aside = path + ".writing";
        using (FileStream stream = File.Create(aside))
        {
            stream.Write(Encoding.UTF8.GetBytes(text));
            stream.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }
}

namespace Pantheon.Learning.Reports;

/// <summary>A report as one page that needs nothing else: no scripts, no fonts, no pictures from elsewhere.</summary>
internal static class HtmlWriter
{
    private const string Css =
        "body{margin:0;font:16px/1.5 system-ui,-apple-system,\"Segoe UI\",Roboto,\"Helvetica Neue\",Arial,\"DejaVu Sans\",sans-serif;"
        + "color:#1c1c1c;background:#fff}\n"
        + "main{max-width:860px;margin:0 auto;padding:24px 20px 64px}\nh1{font-size:1.7em;line-height:1.25;margin:.4em 0}\n"
        + "h2{font-size:1.25em;margin:1.8em 0 .4em}\np{margin:.7em 0}\nfigure{margin:1.6em 0}\n"
        + "figcaption{font-weight:600;margin-bottom:.5em}\n.note{font-size:.9em;color:#5c5c5c;font-weight:400;margin:.4em 0}\n"
        + "svg{max-width:100%;height:auto;display:block}\n.wide{overflow-x:auto;margin:1em 0}\n"
        + "table{border-collapse:collapse;font-size:.92em;font-variant-numeric:tabular-nums}\n"
        + "th,td{padding:.32em .8em;text-align:left;border-bottom:1px solid #e3e3e3;vertical-align:top}\nthead th{border-bottom:2px solid #8a8a8a}\n"
        + "td.r,th.r{text-align:right;white-space:nowrap}\ntd.c,th.c{text-align:center}\n.facts th{font-weight:400;color:#5c5c5c;white-space:nowrap}\n"
        + "code,pre{font-family:ui-monospace,SFMono-Regular,Menlo,Consolas,\"DejaVu Sans Mono\",monospace;font-size:.9em}\n"
        + "td code{overflow-wrap:anywhere}\npre{background:#f4f4f4;padding:.8em 1em;overflow-x:auto;border-radius:4px}\n";

    private const string DarkCss =
        "@media screen and (prefers-color-scheme:dark){\nbody{color:#e8e8e8;background:#16181c}\n.note,.facts th{color:#a8a8a8}\n"
        + "th,td{border-bottom-color:#2e3238}\nthead th{border-bottom-color:#7a7a7a}\npre{background:#22262c}\n}\n";

    private const string PrintCss =
        "@media print{\nmain{max-width:none;padding:0}\nfigure,tr{break-inside:avoid}\nh2{break-after:avoid}\n"
        + "pre{white-space:pre-wrap}\n.wide{overflow:visible}\n}\n";

    /// <param name="report">The report.</param>
    /// <param name="drawing">The drawing of a plot.</param>
    public static string Write(Report report, Func<Plot, Drawing> drawing)
    {
        Markup page = new Markup().Raw("<!DOCTYPE html>\n").Open("html", ("lang", "en")).Line().Open("head").Line()
            .Empty("meta", ("charset", "utf-8")).Line()
            .Empty("meta", ("name", "viewport"), ("content", "width=device-width, initial-scale=1")).Line()
            .Empty("meta", ("name", "color-scheme"), ("content", "light dark")).Line()
            .Element("title", report.Title).Line()
            // Not escaped: a browser takes a style as it stands. None of it holds a character that XML would not.
            .Open("style").Line().Raw(Css + PlotStyle.Css + DarkCss + PrintCss).Close("style").Line()
            .Close("head").Line().Open("body").Line().Open("main").Line().Element("h1", report.Title).Line();
        foreach (ReportBlock block in report.Blocks)
        {
            switch (block)
            {
                case Heading heading:
                    page.Element("h2", heading.Text).Line();
                    break;
                case Paragraph paragraph:
                    page.Element("p", paragraph.Text).Line();
                    break;
                case CodeBlock code:
                    page.Open("pre").Element("code", code.Text.ReplaceLineEndings("\n")).Close("pre").Line();
                    break;
                case Facts facts:
                    Write(page, facts);
                    break;
                case Table table:
                    Write(page, table);
                    break;
                case Plot plot:
                    page.Open("figure").Line().Element("figcaption", plot.Title).Line().Raw(drawing(plot).Inline());
                    Note(page, plot.Caption);
                    page.Close("figure").Line();
                    break;
                default:
                    throw new ArgumentException($"{block.GetType().Name} is no part of a report", nameof(report));
            }
        }

        return page.Close("main").Line().Close("body").Line().Close("html").Line().ToString();
    }

    private static void Write(Markup page, Facts facts)
    {
        page.Open("div", ("class", "wide")).Open("table", ("class", "facts")).Open("tbody").Line();
        foreach (Fact fact in facts.Entries)
        {
            page.Open("tr").Element("th", fact.Name, ("scope", "row")).Open("td");
            if (fact.IsCode)
            {
                page.Element("code", fact.Value);
            }
            else
            {
                page.Text(fact.Value);
            }

            page.Close("td").Close("tr").Line();
        }

        page.Close("tbody").Close("table").Close("div").Line();
    }

    private static void Write(Markup page, Table table)
    {
        var printed = new PrintedTable(table);
        page.Open("div", ("class", "wide")).Open("table").Open("thead").Open("tr");
        for (int column = 0; column < table.Columns.Count; column++)
        {
            page.Element("th", table.Columns[column].Title, ("scope", "col"), ("class", Class(printed.Alignments[column])));
        }

        page.Close("tr").Close("thead").Open("tbody").Line();
        for (int row = 0; row < table.Rows.Count; row++)
        {
            page.Open("tr");
            for (int column = 0; column < table.Columns.Count; column++)
            {
                page.Open("td", ("class", Class(printed.Alignments[column])));
                if (printed.Emphasised[row, column])
                {
                    page.Element("strong", printed.Texts[row, column]);
                }
                else
                {
                    page.Text(printed.Texts[row, column]);
                }

                page.Close("td");
            }

            page.Close("tr").Line();
        }

        page.Close("tbody").Close("table");
        Note(page, table.Caption);
        page.Close("div").Line();
    }

    private static string Class(ColumnAlignment alignment) => alignment switch
    {
        ColumnAlignment.Right => "r",
        ColumnAlignment.Centre => "c",
        _ => "",
    };

    private static void Note(Markup page, string? caption)
    {
        if (!string.IsNullOrWhiteSpace(caption))
        {
            page.Element("p", caption, ("class", "note")).Line();
        }
    }
}

using System.Text;

namespace Pantheon.Learning.Reports;

/// <summary>A report as Markdown; its plots are files beside it.</summary>
internal static class MarkdownWriter
{
    /// <param name="report">The report.</param>
    /// <param name="plotFile">The name of a plot's file.</param>
    public static string Write(Report report, Func<Plot, string> plotFile)
    {
        var text = new StringBuilder();
        text.Append("# ").Append(MarkdownText.Escape(report.Title)).Append('\n');
        foreach (ReportBlock block in report.Blocks)
        {
            text.Append('\n');
            switch (block)
            {
                case Heading heading:
                    text.Append("## ").Append(MarkdownText.Escape(heading.Text)).Append('\n');
                    break;
                case Paragraph paragraph:
                    text.Append(MarkdownText.Escape(paragraph.Text)).Append('\n');
                    break;
                case CodeBlock code:
                    text.Append(MarkdownText.Block(code.Text, code.Language));
                    break;
                case Facts facts:
                    Write(text, facts);
                    break;
                case Table table:
                    Write(text, table);
                    break;
                case Plot plot:
                    text.Append("**").Append(MarkdownText.Escape(plot.Title)).Append("**\n\n");
                    text.Append("![").Append(MarkdownText.Escape(plot.Title)).Append("](").Append(plotFile(plot)).Append(")\n");
                    Caption(text, plot.Caption);
                    break;
                default:
                    throw new ArgumentException($"{block.GetType().Name} is no part of a report", nameof(report));
            }
        }

        return text.ToString();
    }

    private static void Write(StringBuilder text, Facts facts)
    {
        text.Append("| | |\n| --- | --- |\n");
        foreach (Fact fact in facts.Entries)
        {
            string value = fact.IsCode ? MarkdownText.Code(fact.Value) : MarkdownText.Escape(fact.Value);
            text.Append("| ").Append(MarkdownText.Escape(fact.Name)).Append(" | ").Append(value).Append(" |\n");
        }
    }

    private static void Write(StringBuilder text, Table table)
    {
        var printed = new PrintedTable(table);
        foreach (Column column in table.Columns)
        {
            text.Append("| ").Append(MarkdownText.Escape(column.Title)).Append(' ');
        }

        text.Append("|\n");
        foreach (ColumnAlignment alignment in printed.Alignments)
        {
            text.Append(alignment switch
            {
                ColumnAlignment.Right => "| ---: ",
                ColumnAlignment.Centre => "| :---: ",
                _ => "| --- ",
            });
        }

        text.Append("|\n");
        for (int row = 0; row < table.Rows.Count; row++)
        {
            for (int column = 0; column < table.Columns.Count; column++)
            {
                string stars = printed.Emphasised[row, column] ? "**" : "";
                text.Append("| ").Append(stars).Append(MarkdownText.Escape(printed.Texts[row, column])).Append(stars).Append(' ');
            }

            text.Append("|\n");
        }

        Caption(text, table.Caption);
    }

    private static void Caption(StringBuilder text, string? caption)
    {
        if (!string.IsNullOrWhiteSpace(caption))
        {
            text.Append("\n*").Append(MarkdownText.Escape(caption)).Append("*\n");
        }
    }
}

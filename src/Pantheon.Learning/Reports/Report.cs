namespace Pantheon.Learning.Reports;

/// <summary>What was measured, as data. <see cref="ReportWriter"/> makes Markdown and a page of it.</summary>
/// <param name="Title">One line.</param>
/// <param name="Blocks">What follows it, in order.</param>
public sealed record Report(string Title, IReadOnlyList<ReportBlock> Blocks);

/// <summary>One part of a report. All texts are plain: whatever means something in Markdown or HTML is escaped.</summary>
public abstract record ReportBlock
{
    private protected ReportBlock()
    {
    }
}

/// <summary>The heading of a section.</summary>
public sealed record Heading(string Text) : ReportBlock;

/// <summary>A paragraph of text; line breaks in it are spaces.</summary>
public sealed record Paragraph(string Text) : ReportBlock;

/// <summary>Text as it is, in a fixed-width font.</summary>
/// <param name="Text">The text, any number of lines.</param>
/// <param name="Language">What a Markdown viewer may colour it as; null if nothing.</param>
public sealed record CodeBlock(string Text, string? Language = null) : ReportBlock;

/// <summary>What one must know to repeat the measurement: command, seed, configuration, digest of the data, machine.</summary>
public sealed record Facts(IReadOnlyList<Fact> Entries) : ReportBlock;

/// <param name="Name">What it is.</param>
/// <param name="Value">Its value.</param>
/// <param name="IsCode">Whether it is something to type or to compare letter by letter.</param>
public sealed record Fact(string Name, string Value, bool IsCode = false);

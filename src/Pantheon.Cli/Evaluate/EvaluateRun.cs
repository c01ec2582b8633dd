using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Reports;

namespace Pantheon.Cli.Evaluate;

/// <summary>`pantheon evaluate`: a log through a bundle, and what came of it against what the bundle said.</summary>
internal static class EvaluateRun
{
    public static int Run(EvaluateRequest request, Terminal terminal, CancellationToken cancellation)
    {
        using var progress = terminal.Progress();
        using var log = BundleLog.Open(request.Bundle, request.Data, request.Config, progress, cancellation);
        var range = RangeOf(request, log.Data);
        var scores = log.Score(range, "scoring", cancellation);
        progress.Say($"scored {range.Count:N0} exposures; measuring");
        var report = Make(request, log, range, scores);
        foreach (var block in report.Blocks)
        {
            Print(terminal, block);
        }

        if (request.Out is { } folder)
        {
            ReportWriter.Write(report, folder);
            terminal.Output.WriteLine($"Report: {Path.Combine(folder, ReportWriter.HtmlName)} and {ReportWriter.MarkdownName}");
        }

        return 0;
    }

    private static RowRange RangeOf(EvaluateRequest request, Dataset data)
    {
        var range = request.Split switch
        {
            "train" => data.Train,
            "validate" => data.Validate,
            "test" => data.Test,
            _ => new RowRange(0, data.Count),
        };
        return range.Count > 0 ? range : throw new CommandFailure(
            $"--split {request.Split}: the log leaves no exposures to {request.Split} on, expected another split");
    }

    private static Report Make(EvaluateRequest request, BundleLog log, RowRange range, BundleScores scores)
    {
        var manifest = log.Bundle.Manifest;
        List<ReportBlock> blocks =
        [
            new Facts([
                new("command", request.CommandLine, IsCode: true),
                new("bundle", $"{manifest.Model} version {manifest.Version}"),
                new("bundle digest", log.Bundle.Digest, IsCode: true),
                new("exposures", request.Split == "all" ? $"all {range.Count:N0}" : $"the {range.Count:N0} to {request.Split} on, of {log.Data.Count:N0}"),
                new("data sha256", log.Data.Report.Sha256, IsCode: true),
                new("objectives that the log lacks", log.Lacking.Any() ? string.Join(", ", log.Lacking) : "none"),
                new("scored", log.Scorer.OneByOne is { } reason ? $"one exposure at a time: {reason}" : "in batches, which give what single requests give"),
            ]),
        ];
        foreach (var (name, wanted) in Parts(log.Data, range))
        {
            var places = Enumerable.Range(0, range.Count).Where(place => wanted(range.Start + place)).ToArray();
            if (places.Length == 0)
            {
                continue;
            }

            blocks.Add(new Heading(name));
            blocks.AddRange(BundleTables.Of(
                log.Data, [.. places.Select(place => range.Start + place)], scores.At(places), manifest.Objectives, $"{TitleOf(request.Split)}, {name.ToLowerInvariant()}"));
        }

        return new Report($"Evaluation of {manifest.Model} version {manifest.Version}", blocks);
    }

    // What an exposure chosen at random shows is not what a ranker chose to show: figures over both say something of neither.
    private static IEnumerable<(string Name, Func<int, bool> Wanted)> Parts(Dataset data, RowRange range)
    {
        yield return ("All exposures", _ => true);
        var random = Enumerable.Range(range.Start, range.Count).Count(data.IsRandom);
        if (random > 0 && random < range.Count)
        {
            yield return ("Without random exposures", row => !data.IsRandom(row));
            yield return ("Random exposures only", data.IsRandom);
        }
    }

    private static string TitleOf(string split) => split == "all" ? "All days" : $"{char.ToUpperInvariant(split[0])}{split[1..]} days";

    private static void Print(Terminal terminal, ReportBlock block)
    {
        switch (block)
        {
            case Facts facts:
                terminal.Print(new Table([new("evaluation"), new("")], [.. facts.Entries.Select(fact => (IReadOnlyList<Cell>)[fact.Name, fact.Value])]));
                break;
            case Heading heading:
                terminal.Output.WriteLine($"{heading.Text}\n");
                break;
            case Table table:
                terminal.Print(table);
                break;
            default:
                // Plots are in the report.
                break;
        }
    }
}

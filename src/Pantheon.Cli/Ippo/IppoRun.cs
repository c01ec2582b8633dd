using System.Globalization;
using Pantheon.Cli.Train;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Ippo;

/// <summary>`pantheon ippo`: a log as a stream, a journal of decisions, and a bundle if there is something better than what serves.</summary>
internal static class IppoRun
{
    public static int Run(IppoRequest request, Terminal terminal, CancellationToken cancellation)
    {
        var config = request.Config is { } file ? TrainingConfig.Read(file) : new TrainingConfig();
        var path = Path.Combine(request.Out, "journal.jsonl");
        if (File.Exists(path))
        {
            throw new CommandFailure($"{path}: exists; expected another --out: a stream has a journal of its own");
        }

        using var progress = terminal.Progress();
        var data = LogData.Load(request.Data, config.Features, progress, cancellation);
        using var incumbents = new Incumbents();
        using var stream = new IppoStream(data, config, incumbents.Make(request, data, config, progress, cancellation));
        Directory.CreateDirectory(request.Out);
        using var journal = JsonLines.Open(path);
        var result = stream.Run(
            journal,
            state => progress.Show(state.What, state.Done),
            decision => progress.Say($"{decision.Window.Name}: {decision.Reference}: {IppoReport.Describe(decision)}: {decision.Reason}"),
            cancellation);
        var report = IppoReport.Make(data, result, [
            .. LogData.Facts(data, request.CommandLine), new("seed", config.Training.Seed.ToString(CultureInfo.InvariantCulture)),
        ], config);
        ReportWriter.Write(report, request.Out);
        foreach (var block in report.Blocks)
        {
            if (block is Table table)
            {
                terminal.Print(table);
            }
            else if (block is Paragraph paragraph)
            {
                terminal.Output.WriteLine(paragraph.Text);
            }
        }

        if (stream.Winner is { } winner)
        {
            var bundle = TrainedBundle.Publish(
                request.Repository, request.Model, data, winner, stream.Priors, stream.Parameters, result.Base!, data.Test,
                $"found by IPPO over {result.Incumbent.Name} on {request.Data}, data sha256 {data.Report.Sha256}, seed {config.Training.Seed}", given: null, before: null, cancellation);
            terminal.Output.WriteLine($"Bundle: {bundle.Directory}");
        }

        terminal.Output.WriteLine($"Report: {Path.Combine(request.Out, "report.html")} and report.md; journal: {path}");
        return 0;
    }
}

using System.CommandLine;
using Pantheon.Cli.Train;
using Pantheon.Learning.Experiments;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Experiment;

/// <summary>`pantheon experiment`: the paper's offline comparisons on a log, and how good the ranking model is that they start from.</summary>
internal static class ExperimentCommand
{
    private const string Ranking = "ranking";

    private static readonly Dictionary<string, int[]> s_tables = new(StringComparer.Ordinal)
    {
        ["table1"] = [1],
        ["table3"] = [3],
        ["table6"] = [6],
        ["all"] = [1, 3, 6],
    };

    public static Command Of(Terminal terminal)
    {
        var which = new Argument<string>("which") { Description = "table1: formula against Pantheon; table3: what the head sees and how it fuses; table6: which objectives the score follows; all: these three; ranking: the ranking model against baselines, and its learning curve.", HelpName = "table1|table3|table6|all|ranking" };
        which.AcceptOnlyFromAmong([.. s_tables.Keys, Ranking]);
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files.", HelpName = "DIR", Required = true };
        var config = new Option<string?>("--config") { Description = "Features, ranking model and training as JSON; the heads are the paper's variants, or none.", HelpName = "FILE" };
        var seeds = new Option<int>("--seeds") { Description = "Trainings. Default: 3.", HelpName = "N", DefaultValueFactory = static _ => 3 };
        var curveSeeds = new Option<int>("--curve-seeds") { Description = "Of ranking: seeds that the learning curve is over, at most --seeds. Default: 1.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var trials = new Option<int>("--trials") { Description = "Trials of each search of formula weights; not of ranking. Default: 600.", HelpName = "N", DefaultValueFactory = static _ => 600 };
        var fusions = new Option<int>("--fusions") { Description = "Random fixed fusions drawn; not of ranking. Default: 2000.", HelpName = "N", DefaultValueFactory = static _ => 2000 };
        var output = new Option<string?>("--out") { Description = "Folder for the report. Default: runs/experiment-WHICH.", HelpName = "DIR" };
        var command = new Command("experiment", "Runs the offline comparisons of the Pantheon paper on a log, or holds the ranking model against baselines, with seeds and intervals.") { which, data, config, seeds, curveSeeds, trials, fusions, output };
        foreach (var positive in (Option<int>[])[seeds, curveSeeds, trials, fusions])
        {
            positive.Validators.Add(result =>
            {
                if (result.GetValue(positive) < 1)
                {
                    result.AddError($"{positive.Name}: {result.GetValue(positive)} came, expected 1 or more");
                }
            });
        }

        command.Validators.Add(result =>
        {
            var asked = result.GetResult(which) is { Tokens: [var first, ..] } ? first.Value : null;
            var isRanking = asked == Ranking;
            foreach (var other in isRanking ? (Option<int>[])[trials, fusions] : [curveSeeds])
            {
                if (result.GetResult(other) is { Implicit: false })
                {
                    result.AddError($"{other.Name}: came with {asked}, expected it with {(isRanking ? "a table" : Ranking)}");
                }
            }

            if (result.GetValue(curveSeeds) > result.GetValue(seeds))
            {
                result.AddError($"--curve-seeds: {result.GetValue(curveSeeds)} came, expected no more than --seeds, {result.GetValue(seeds)}");
            }
        });
        command.SetAction((parsed, cancellation) => Task.Run(
            () =>
            {
                var read = parsed.GetValue(config) is { } file ? TrainingConfig.Read(file) : new TrainingConfig();
                var name = parsed.GetRequiredValue(which);
                var options = new ExperimentOptions { Seeds = parsed.GetValue(seeds), Trials = parsed.GetValue(trials), FixedFusions = parsed.GetValue(fusions) };
                var folder = parsed.GetValue(output) ?? Path.Combine("runs", $"experiment-{name}");
                using var progress = terminal.Progress();
                var loaded = LogData.Load(parsed.GetRequiredValue(data), read.Features, progress, cancellation);
                var facts = LogData.Facts(loaded, $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}");
                void Show(ExperimentProgress state) => progress.Show(state.What, state.Done);
                var report = name == Ranking
                    ? RankingExperiment.Run(loaded, read, new RankingExperimentOptions { Seeds = options.Seeds, CurveSeeds = parsed.GetValue(curveSeeds) }, facts, Show, cancellation)
                    : PaperExperiment.Run(loaded, read, options, s_tables[name], facts, Show, cancellation);
                ReportWriter.Write(report, folder);
                foreach (var table in report.Blocks.OfType<Table>())
                {
                    terminal.Print(table);
                }

                foreach (var verdict in report.Blocks.OfType<Paragraph>())
                {
                    terminal.Output.WriteLine(verdict.Text);
                }

                terminal.Output.WriteLine($"Report: {Path.Combine(folder, "report.html")} and report.md");
                return 0;
            },
            cancellation));
        return command;
    }
}

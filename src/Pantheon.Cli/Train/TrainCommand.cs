using System.CommandLine;
using Pantheon.Cli.Create;

namespace Pantheon.Cli.Train;

/// <summary>`pantheon train`: parses; <see cref="TrainRun"/> does.</summary>
internal static class TrainCommand
{
    public static Command Of(Terminal terminal)
    {
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files: log_*.csv, user_features*.csv, video_features_basic*.csv, each also as .csv.gz.", HelpName = "DIR", Required = true };
        var config = new Option<string?>("--config") { Description = "Features, networks and training as JSON. Default: every default.", HelpName = "FILE" };
        var ranking = new Option<string?>("--ranking") { Description = "Bundle or ONNX file whose ranking model is taken as it is: only heads are trained.", HelpName = "PATH" };
        var states = new Option<string[]>("--states") { Description = "Values in the ranking bundle's graph that the heads see: float [candidates,d], one for each tower, say.", HelpName = "t_click,t_view" };
        var pxtr = CreateCommand.Many("--pxtr", "Of an ONNX file as --ranking: output with a column for each objective, or an output for each.", "pxtr[,pxtr2...]");
        var objectives = CreateCommand.Many("--objectives", "Of such a file: names of the objectives, in the order of the Pxtrs.", "a,b,c");
        var user = CreateCommand.Many("--user", "Of such a file: inputs that come once per request.", "user_id,tab");
        var candidates = CreateCommand.Many("--candidates", "Of such a file: inputs that come once per candidate.", "video_id");
        var vocabulary = CreateCommand.Many("--vocabulary", "Of such a file: table of raw ids and rows for an int64 input; repeatable.", "input=file.tsv");
        var model = new Option<string>("--model") { Description = "Name to publish under.", HelpName = "NAME", DefaultValueFactory = static _ => "pantheon" };
        var repository = new Option<string>("--repository") { Description = "Directory of the models.", HelpName = "DIR", DefaultValueFactory = static _ => "models" };
        var output = new Option<string?>("--out") { Description = "Folder for checkpoint and report. Default: runs/NAME.", HelpName = "DIR" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the checkpoint in the output folder." };
        var command = new Command("train", "Trains a ranking model with a Pantheon head on a log, or a head on the states of a given one, and publishes both as a bundle.") { data, config, ranking, states, pxtr, objectives, user, candidates, vocabulary, model, repository, output, resume };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new TrainRequest
            {
                Data = parsed.GetRequiredValue(data),
                Config = parsed.GetValue(config),
                Ranking = parsed.GetValue(ranking),
                States = OptionValues.Names(states.Name, parsed.GetValue(states)),
                File = new RankingFile(
                    OptionValues.Names(pxtr.Name, parsed.GetValue(pxtr)),
                    OptionValues.Names(objectives.Name, parsed.GetValue(objectives)),
                    OptionValues.Names(user.Name, parsed.GetValue(user)),
                    OptionValues.Names(candidates.Name, parsed.GetValue(candidates)),
                    OptionValues.Files(vocabulary.Name, parsed.GetValue(vocabulary))),
                Model = parsed.GetRequiredValue(model),
                Repository = parsed.GetRequiredValue(repository),
                Out = parsed.GetValue(output) ?? Path.Combine("runs", parsed.GetRequiredValue(model)),
                Resume = parsed.GetValue(resume),
                CommandLine = $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}",
            };
            if (request is { Ranking: null, States.Count: > 0 })
            {
                throw CommandFailure.OfUsage($"{states.Name}: without {ranking.Name}, expected the graph that has them");
            }

            // On another thread, so that Ctrl-C is heard.
            return Task.Run(() => TrainRun.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }
}

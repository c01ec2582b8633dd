using System.CommandLine;

namespace Pantheon.Cli.Train;

/// <summary>`pantheon train`: parses; <see cref="TrainRun"/> does.</summary>
internal static class TrainCommand
{
    public static Command Of(Terminal terminal)
    {
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files: log_*.csv, user_features*.csv, video_features_basic*.csv, each also as .csv.gz.", HelpName = "DIR", Required = true };
        var config = new Option<string?>("--config") { Description = "Features, networks and training as JSON. Default: every default.", HelpName = "FILE" };
        var model = new Option<string>("--model") { Description = "Name to publish under.", HelpName = "NAME", DefaultValueFactory = static _ => "pantheon" };
        var repository = new Option<string>("--repository") { Description = "Directory of the models.", HelpName = "DIR", DefaultValueFactory = static _ => "models" };
        var output = new Option<string?>("--out") { Description = "Folder for checkpoint and report. Default: runs/NAME.", HelpName = "DIR" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the checkpoint in the output folder." };
        var command = new Command("train", "Trains a ranking model with a Pantheon head on a log, and publishes both as a bundle.") { data, config, model, repository, output, resume };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new TrainRequest
            {
                Data = parsed.GetRequiredValue(data),
                Config = parsed.GetValue(config),
                Model = parsed.GetRequiredValue(model),
                Repository = parsed.GetRequiredValue(repository),
                Out = parsed.GetValue(output) ?? Path.Combine("runs", parsed.GetRequiredValue(model)),
                Resume = parsed.GetValue(resume),
                CommandLine = $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}",
            };
            // On another thread, so that Ctrl-C is heard.
            return Task.Run(() => TrainRun.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }
}

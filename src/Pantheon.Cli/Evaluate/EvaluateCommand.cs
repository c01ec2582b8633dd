using System.CommandLine;

namespace Pantheon.Cli.Evaluate;

/// <summary>`pantheon evaluate`: parses; <see cref="EvaluateRun"/> does.</summary>
internal static class EvaluateCommand
{
    public static Command Of(Terminal terminal)
    {
        var bundle = new Option<string>("--bundle") { Description = "A version's directory, or a model's for its default version.", HelpName = "PATH", Required = true };
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files, as for train.", HelpName = "DIR", Required = true };
        var split = new Option<string>("--split") { Description = "Which exposures to score.", HelpName = "test|validate|train|all", DefaultValueFactory = static _ => "test" };
        split.AcceptOnlyFromAmong("test", "validate", "train", "all");
        var config = new Option<string?>("--config") { Description = "The training's configuration, if it changed when exposures enter histories, when counters know of them, or when sessions end.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "Folder for report.html and report.md. Default: none is written.", HelpName = "DIR" };
        var command = new Command("evaluate", "Scores the exposures of a log with a bundle, and measures how good its Pxtrs and its score are.") { bundle, data, split, config, output };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new EvaluateRequest
            {
                Bundle = parsed.GetRequiredValue(bundle),
                Data = parsed.GetRequiredValue(data),
                Split = parsed.GetRequiredValue(split),
                Config = parsed.GetValue(config),
                Out = parsed.GetValue(output),
                CommandLine = $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}",
            };
            // On another thread, so that Ctrl-C is heard.
            return Task.Run(() => EvaluateRun.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }
}

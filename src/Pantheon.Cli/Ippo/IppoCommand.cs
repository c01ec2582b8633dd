using System.CommandLine;

namespace Pantheon.Cli.Ippo;

/// <summary>`pantheon ippo`: parses; <see cref="IppoRun"/> does.</summary>
internal static class IppoCommand
{
    public static Command Of(Terminal terminal)
    {
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files.", HelpName = "DIR", Required = true };
        var config = new Option<string?>("--config") { Description = "Features, networks, training and ippo as JSON; its heads are the references.", HelpName = "FILE" };
        var incumbent = new Option<string>("--incumbent") { Description = "The first base: product or log-linear, formulas over the ranking model's Pxtrs, or a bundle. Default: product.", HelpName = "product|log-linear|PATH", DefaultValueFactory = static _ => Incumbents.Product };
        var days = new Option<int?>("--incumbent-days") { Description = "The formula is over a stale ranking model, trained on the log's first days only. Default: over the stream's own.", HelpName = "N" };
        var model = new Option<string>("--model") { Description = "Name to publish under what was promoted.", HelpName = "NAME", DefaultValueFactory = static _ => "pantheon" };
        var repository = new Option<string>("--repository") { Description = "Directory of the models.", HelpName = "DIR", DefaultValueFactory = static _ => "models" };
        var output = new Option<string?>("--out") { Description = "Folder for journal and report. Default: runs/NAME-ippo.", HelpName = "DIR" };
        days.Validators.Add(result =>
        {
            if (result.GetValue(days) < 1)
            {
                result.AddError($"--incumbent-days: {result.GetValue(days)} came, expected 1 or more");
            }
        });
        var command = new Command("ippo", "Looks for loss weights whose head beats what serves now on every objective, on a log as a stream.") { data, config, incumbent, days, model, repository, output };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new IppoRequest
            {
                Data = parsed.GetRequiredValue(data),
                Config = parsed.GetValue(config),
                Incumbent = parsed.GetRequiredValue(incumbent),
                IncumbentDays = parsed.GetValue(days),
                Model = parsed.GetRequiredValue(model),
                Repository = parsed.GetRequiredValue(repository),
                Out = parsed.GetValue(output) ?? Path.Combine("runs", $"{parsed.GetRequiredValue(model)}-ippo"),
                CommandLine = $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}",
            };
            return Task.Run(() => IppoRun.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }
}

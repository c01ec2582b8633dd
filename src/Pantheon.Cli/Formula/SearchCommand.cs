using System.CommandLine;
using System.Globalization;
using Pantheon.Learning.Search;

namespace Pantheon.Cli.Formula;

/// <summary>`pantheon formula search`: parses; <see cref="SearchRun"/> does.</summary>
internal static class SearchCommand
{
    private static readonly (string Name, FormulaFamily Family)[] s_families =
    [
        ("one-plus-product", FormulaFamily.OnePlusProduct), ("power-product", FormulaFamily.PowerProduct),
        ("log-linear", FormulaFamily.LogLinear), ("linear", FormulaFamily.LinearSum),
    ];

    public static Command Of(Terminal terminal)
    {
        var data = new Option<string>("--data") { Description = "Folder with KuaiRand's files, as for train.", HelpName = "DIR", Required = true };
        var bundle = new Option<string>("--bundle") { Description = "The bundle whose Pxtrs are fused: a version's directory, or a model's for its default version. Required: a formula is over the Pxtrs of one ranking model.", HelpName = "PATH", Required = true };
        var trials = new Option<int>("--trials") { Description = "Formulas to try.", HelpName = "N", DefaultValueFactory = static _ => 600 };
        var family = new Option<string>("--family") { Description = "Form of the formula: prod (1+p)^a, prod p^a, sum a log p, sum a p.", HelpName = string.Join('|', s_families.Select(family => family.Name)), DefaultValueFactory = static _ => s_families[0].Name };
        family.AcceptOnlyFromAmong([.. s_families.Select(family => family.Name)]);
        var metric = new Option<string[]>("--metric") { Description = "What a GAUC of each objective is worth; one that is not named is worth nothing. Default: all the same.", HelpName = "is_click=2,long_view=5" };
        var seed = new Option<ulong>("--seed") { Description = "The same seed tries the same formulas.", HelpName = "N", DefaultValueFactory = static _ => 1UL };
        var journal = new Option<string?>("--journal") { Description = "File that every trial is written to.", HelpName = "FILE" };
        var resume = new Option<bool>("--resume") { Description = "Go on from the journal." };
        var model = new Option<string?>("--model") { Description = "Name to publish under. Default: the bundle's model with -formula.", HelpName = "NAME" };
        var repository = new Option<string>("--repository") { Description = "Directory of the models.", HelpName = "DIR", DefaultValueFactory = static _ => "models" };
        var config = new Option<string?>("--config") { Description = "The training's configuration, as for evaluate.", HelpName = "FILE" };
        var output = new Option<string?>("--out") { Description = "Folder for report.html and report.md. Default: none is written.", HelpName = "DIR" };
        var command = new Command("search", "Tunes a fusion formula on a bundle's Pxtrs of the days to validate on, and publishes the bundle with it.")
        {
            data, bundle, trials, family, metric, seed, journal, resume, model, repository, config, output,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var request = new SearchRequest
            {
                Data = parsed.GetRequiredValue(data),
                Bundle = parsed.GetRequiredValue(bundle),
                Trials = parsed.GetRequiredValue(trials) is var count and > 0 ? count : throw CommandFailure.OfUsage($"{trials.Name}: got '{parsed.GetRequiredValue(trials)}', expected 1 or more"),
                Family = s_families.First(known => known.Name == parsed.GetRequiredValue(family)).Family,
                Metric = Weights(metric.Name, parsed.GetValue(metric)),
                Seed = parsed.GetRequiredValue(seed),
                Journal = parsed.GetValue(journal),
                Resume = parsed.GetValue(resume),
                Model = parsed.GetValue(model),
                Repository = parsed.GetRequiredValue(repository),
                Config = parsed.GetValue(config),
                Out = parsed.GetValue(output),
                CommandLine = $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}",
            };
            // On another thread, so that Ctrl-C is heard.
            return Task.Run(() => SearchRun.Run(request, terminal, cancellation), cancellation);
        });
        return command;
    }

    private static Dictionary<string, double> Weights(string option, string[]? values)
    {
        var weights = new Dictionary<string, double>(StringComparer.Ordinal);
        foreach (var part in (values ?? []).SelectMany(value => value.Split(',', StringSplitOptions.TrimEntries)))
        {
            var equals = part.LastIndexOf('=');
            if (equals <= 0 || !double.TryParse(part.AsSpan(equals + 1), NumberStyles.Float, CultureInfo.InvariantCulture, out var weight) || !(weight >= 0) || !double.IsFinite(weight))
            {
                throw CommandFailure.OfUsage($"{option}: got '{part}', expected objective=weight such as is_click=2, weights of 0 or more");
            }

            if (!weights.TryAdd(part[..equals], weight))
            {
                throw CommandFailure.OfUsage($"{option}: '{part[..equals]}' came twice, expected each objective once");
            }
        }

        return values is { Length: > 0 } && !weights.Values.Any(weight => weight > 0)
            ? throw CommandFailure.OfUsage($"{option}: every weight is 0, expected one above it")
            : weights;
    }
}

using System.CommandLine;
using Pantheon.Cli.Rank;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Models;

/// <summary>`pantheon models`: which versions of a running service take traffic.</summary>
internal static class ModelsCommand
{
    // Long enough to load a large bundle on a busy machine.
    private const double DefaultTimeoutSeconds = 120;

    /// <summary>The token of services that want one; not an option, so that it is in no shell's history.</summary>
    internal const string TokenVariable = "PANTHEON_ADMIN_TOKEN";

    public static Command Of(Terminal terminal)
    {
        var target = new Option<string>("--target") { Description = "Where the service is.", HelpName = "host:port", DefaultValueFactory = static _ => "127.0.0.1:8500", Recursive = true };
        var timeout = new Option<double>("--timeout")
        {
            Description = "How long the service may take; it loads and warms a version before it gives it traffic.",
            HelpName = "SECONDS",
            DefaultValueFactory = static _ => DefaultTimeoutSeconds,
            Recursive = true,
        };
        var by = new Option<string>("--by")
        {
            Description = "Who asks, for the history.",
            HelpName = "NAME",
            DefaultValueFactory = static _ => $"{Environment.UserName}@{Environment.MachineName}",
            Recursive = true,
        };
        var reason = new Option<string>("--reason") { Description = "Why, for the history.", HelpName = "TEXT", DefaultValueFactory = static _ => "", Recursive = true };
        var name = new Argument<string>("name") { Description = "The model.", HelpName = "NAME" };
        var any = new Argument<string?>("name") { Description = "The model. Default: all.", HelpName = "NAME", Arity = ArgumentArity.ZeroOrOne };
        var version = new Argument<long>("version") { Description = "The version.", HelpName = "VERSION" };
        var percent = new Option<double>("--percent") { Description = "Share of the users, 0 to 100; 0 ends the trial.", HelpName = "5", Required = true };
        var shadowPercent = new Option<double>("--percent") { Description = "Share of the requests, 0 to 100; 0 ends it.", HelpName = "100", DefaultValueFactory = static _ => 100 };
        var limit = new Option<int>("--limit") { Description = "How many changes at most, newest first; 0: all.", HelpName = "20", DefaultValueFactory = static _ => 20 };

        Command Asking(string command, string description, Func<ParseResult, ModelsCall, CancellationToken, Task> ask, params Symbol[] symbols)
        {
            var made = new Command(command, description);
            foreach (var symbol in symbols)
            {
                if (symbol is Argument argument)
                {
                    made.Add(argument);
                }
                else
                {
                    made.Add((Option)symbol);
                }
            }

            made.SetAction(async (parsed, cancellation) =>
            {
                var address = ServiceAddress.Parse(target.Name, parsed.GetRequiredValue(target));
                var token = Environment.GetEnvironmentVariable(TokenVariable) ?? "";
                using var call = new ModelsCall(address, RankCommand.Seconds(timeout.Name, parsed.GetValue(timeout), least: 0.001), token, terminal);
                await ask(parsed, call, cancellation);
                return 0;
            });
            return made;
        }

        Command Changing(string command, string description, Func<ParseResult, Requester, ModelsCall, CancellationToken, Task<ChangeModelResponse>> change, params Symbol[] symbols) =>
            Asking(
                command,
                description,
                async (parsed, call, cancellation) =>
                    ModelsReport.Print(terminal, await change(parsed, new Requester { Name = parsed.GetValue(by), Reason = parsed.GetValue(reason) }, call, cancellation)),
                symbols);

        string Name(ParseResult parsed) => parsed.GetRequiredValue(name);
        long Version(ParseResult parsed) => parsed.GetValue(version);
        return new Command("models", "Shows and changes which model versions of a running service take traffic.")
        {
            target, timeout, by, reason,
            PublishCommand.Of(terminal),
            Asking("list", "Models and their traffic.", async (_, call, cancellation) => ModelsReport.Print(terminal, await call.ListAsync(cancellation))),
            Asking("show", "One model: every version, how far it is, and its last minute.",
                async (parsed, call, cancellation) => ModelsReport.Print(terminal, await call.AskAsync((models, options) => models.GetAsync(new GetModelRequest { Model = Name(parsed) }, options), cancellation)), name),
            Asking("watch", "One line whenever something changes, until Ctrl-C.",
                (parsed, call, cancellation) => call.WatchAsync(parsed.GetValue(any) ?? "", ModelsReport.PrintLine, cancellation), any),
            Asking("history", "Who changed what, when and why, newest first.",
                async (parsed, call, cancellation) => ModelsReport.Print(terminal, await call.AskAsync(
                    (models, options) => models.HistoryAsync(new ModelHistoryRequest { Model = Name(parsed), Limit = parsed.GetValue(limit) }, options), cancellation)), name, limit),
            Changing("load", "Keeps a version loaded for requests that pin it.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.LoadAsync(new LoadModelRequest { Model = Name(parsed), Version = Version(parsed), Requester = requester }, options), cancellation), name, version),
            Changing("unload", "Lets a version go that has no traffic.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.UnloadAsync(new UnloadModelRequest { Model = Name(parsed), Version = Version(parsed), Requester = requester }, options), cancellation), name, version),
            Changing("canary", "Gives a version a share of the users.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.SetCanaryAsync(
                    new SetCanaryRequest { Model = Name(parsed), Version = Version(parsed), Percent = parsed.GetValue(percent), Requester = requester }, options), cancellation), name, version, percent),
            Changing("shadow", "Scores a version beside the one that answers, and compares.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.SetShadowAsync(
                    new SetShadowRequest { Model = Name(parsed), Version = Version(parsed), Percent = parsed.GetValue(shadowPercent), Requester = requester }, options), cancellation), name, version, shadowPercent),
            Changing("promote", "Makes a version the one in service.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.PromoteAsync(new PromoteModelRequest { Model = Name(parsed), Version = Version(parsed), Requester = requester }, options), cancellation), name, version),
            Changing("rollback", "Ends the trial if there is one, else returns to the version before.", (parsed, requester, call, cancellation) => call.AskAsync(
                (models, options) => models.RollbackAsync(new RollbackModelRequest { Model = Name(parsed), Requester = requester }, options), cancellation), name),
        };
    }
}

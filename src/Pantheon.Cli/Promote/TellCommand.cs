using System.CommandLine;
using System.Globalization;
using Pantheon.Exposures.Stores;
using Pantheon.Promotion;

namespace Pantheon.Cli.Promote;

/// <summary>`pantheon promote pause|resume|approve|veto`: what people tell a promoter that runs, here or elsewhere.</summary>
internal static class TellCommand
{
    public static IEnumerable<Command> Of(Terminal terminal) =>
    [
        Make(terminal, "pause", "Makes the promoter stop before its next step. What is on trial stays on trial.", false, static (control, _) => control with { Paused = true }),
        Make(terminal, "resume", "Lets it go on.", false, static (control, _) => control with { Paused = false }),
        Make(terminal, "approve", "Lets a version be tried out, where winners wait for it (\"mode\": \"approve\").", true, static (control, version) => control with { Approved = version, Vetoed = control.Vetoed == version ? null : control.Vetoed }),
        Make(terminal, "veto", "Ends a version's trial, or keeps it from having one: a lost reward.", true, static (control, version) => control with { Vetoed = version, Approved = control.Approved == version ? null : control.Approved }),
    ];

    private static Command Make(Terminal terminal, string name, string description, bool hasVersion, Func<PromoterControl, long, PromoterControl> change)
    {
        var store = StoreOption.Of();
        var model = new Argument<string>("model") { Description = "The model." };
        var version = new Argument<long>("version") { Description = "The version." };
        var by = new Option<string>("--by") { Description = "Who says so.", HelpName = "NAME", DefaultValueFactory = static _ => Environment.UserName };
        var reason = new Option<string>("--reason") { Description = "Why.", HelpName = "TEXT", DefaultValueFactory = static _ => "" };
        var command = new Command(name, description) { model, store, by, reason };
        if (hasVersion)
        {
            command.Arguments.Add(version);
        }

        command.SetAction(async (parsed, cancellation) =>
        {
            var about = hasVersion ? parsed.GetRequiredValue(version) : 0;
            if (hasVersion && about < 1)
            {
                throw CommandFailure.OfUsage(string.Create(CultureInfo.InvariantCulture, $"version: got {about}, expected 1 or above"));
            }

            var key = parsed.GetRequiredValue(model);
            await using var opened = await StoreOption.OpenAsync(parsed.GetRequiredValue(store), cancellation);
            try
            {
                var told = await PromoterControl.ChangeAsync(
                    opened.Notes, key, control => change(control, about) with { By = parsed.GetRequiredValue(by), Reason = parsed.GetRequiredValue(reason) }, cancellation);
                terminal.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{key}: {(told.Paused ? "paused" : "running")}{(told.Approved is { } yes ? $", version {yes} approved" : "")}{(told.Vetoed is { } no ? $", version {no} vetoed" : "")}"));
                return 0;
            }
            catch (ExposureStoreException error)
            {
                throw new CommandFailure(error.Message);
            }
        });
        return command;
    }
}

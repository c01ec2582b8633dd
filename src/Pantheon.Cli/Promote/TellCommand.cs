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
        Make(terminal, "pause", "Makes the promoter stop before its next step. What is on trial stays on trial, unless it is vetoed.", false, static (control, _, by) => control with { Paused = true, By = by }),
        Make(terminal, "resume", "Lets it go on.", false, static (control, _, by) => control with { Paused = false, By = by }),
        Make(terminal, "approve", "Lets a version be tried out, where winners wait for it (\"mode\": \"approve\").", true, static (control, version, by) => control with { Approved = version, ApprovedBy = by, Vetoed = control.Vetoed == version ? 0 : control.Vetoed }),
        Make(terminal, "veto", "Ends a version's trial, or keeps it from having one: a lost reward.", true, static (control, version, by) => control with { Vetoed = version, VetoedBy = by, Approved = control.Approved == version ? 0 : control.Approved }),
    ];

    private static Command Make(Terminal terminal, string name, string description, bool hasVersion, Func<PromoterControl, long, PromoterControl.Said, PromoterControl> change)
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
            var said = new PromoterControl.Said(parsed.GetRequiredValue(by), parsed.GetRequiredValue(reason));
            try
            {
                var told = await PromoterControl.ChangeAsync(opened.Notes, key, control => change(control, about, said), cancellation);
                terminal.Output.WriteLine(string.Create(
                    CultureInfo.InvariantCulture,
                    $"{key}: {(told.Paused ? "paused" : "running")}{(told.Approved > 0 ? $", version {told.Approved} approved" : "")}{(told.Vetoed > 0 ? $", version {told.Vetoed} vetoed" : "")}"));
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

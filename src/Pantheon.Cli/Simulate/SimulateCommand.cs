using System.CommandLine;
using Pantheon.Simulation.ClosedLoops;

namespace Pantheon.Cli.Simulate;

/// <summary>`pantheon simulate`: parses; <see cref="SimulateRun"/> does.</summary>
internal static class SimulateCommand
{
    public static Command Of(Terminal terminal)
    {
        var defaults = new LoopOptions();
        var days = new Option<int>("--days") { Description = "Days of the loop.", HelpName = "N", DefaultValueFactory = _ => defaults.Days };
        var visits = new Option<int>("--visits") { Description = "Visits a day.", HelpName = "N", DefaultValueFactory = _ => defaults.Visits };
        var seed = new Option<ulong>("--seed") { Description = "Of the world, and of all that is learned.", HelpName = "N", DefaultValueFactory = static _ => 1 };
        var start = new Option<LoopStart>("--start") { Description = "What serves first: a formula over a model of the first days (stale), or what the promoter itself would make (promoted).", DefaultValueFactory = static _ => LoopStart.Stale };
        var explore = new Option<double>("--explore") { Description = "Share of the answers that are drawn at random, which promotions are decided on.", HelpName = "0.7", DefaultValueFactory = static _ => 0.7 };
        var output = new Option<string?>("--out") { Description = "Folder for models, exposures, journal and report. Default: runs/simulate-SEED.", HelpName = "DIR" };
        var command = new Command("simulate", "Closes the loop on this machine: a simulated audience, the real service, and a promoter that learns from what is shown.")
        {
            days, visits, seed, start, explore, output,
        };
        command.SetAction((parsed, cancellation) =>
        {
            var number = parsed.GetValue(seed);
            var options = new LoopOptions
            {
                World = defaults.World with { Seed = number },
                Days = AtLeast(days.Name, parsed.GetValue(days), 1),
                Visits = AtLeast(visits.Name, parsed.GetValue(visits), 100),
                Start = parsed.GetValue(start),
            };
            var share = parsed.GetValue(explore);
            if (!(share is >= 0 and <= 1))
            {
                throw CommandFailure.OfUsage($"{explore.Name}: got {share}, expected 0 to 1");
            }

            var folder = parsed.GetValue(output) ?? Path.Combine("runs", FormattableString.Invariant($"simulate-{number}"));
            var request = new SimulateRequest(options, folder, share, $"pantheon {string.Join(' ', parsed.Tokens.Select(token => token.Value))}");
            return Task.Run(() => SimulateRun.RunAsync(request, terminal, cancellation), cancellation);
        });
        return command;
    }

    private static int AtLeast(string option, int value, int least) =>
        value >= least ? value : throw CommandFailure.OfUsage($"{option}: got {value}, expected {least} or more");
}

using System.CommandLine;
using Pantheon.Learning.Policies;

namespace Pantheon.Cli.Promote;

/// <summary>`pantheon promote status`: what a journal says.</summary>
internal static class StatusCommand
{
    public static Command Of(Terminal terminal)
    {
        var journal = new Option<string>("--journal") { Description = "The journal of `promote judge`.", HelpName = "FILE", DefaultValueFactory = static _ => "promotion.jsonl" };
        var objectives = new Option<string[]>("--objectives") { Description = "Their names, in the order of its labels.", HelpName = "A,B", Required = true };
        var command = new Command("status", "Draws the decisions of a journal: gains, and the path of the weights.") { journal, objectives };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(journal);
            string[] names = [.. parsed.GetRequiredValue(objectives).SelectMany(text => text.Split(','))];
            IReadOnlyList<IppoDecision> decisions;
            try
            {
                decisions = IppoJournal.Read(path);
            }
            catch (InvalidDataException error)
            {
                throw new CommandFailure(error.Message);
            }

            if (decisions.Count == 0)
            {
                throw new CommandFailure($"{path}: no decisions, expected the journal of `promote judge`");
            }

            if (decisions[0].Window.Users.Count != names.Length)
            {
                throw CommandFailure.OfUsage($"--objectives: got {names.Length}, expected {decisions[0].Window.Users.Count}, as the journal has");
            }

            PromotionReport.Print(terminal, names, decisions);
            return 0;
        });
        return command;
    }
}

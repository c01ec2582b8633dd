using System.CommandLine;
using Pantheon.Learning.Policies;
using Pantheon.Promotion;

namespace Pantheon.Cli.Promote;

/// <summary>`pantheon promote status`: what a journal says.</summary>
internal static class StatusCommand
{
    public static Command Of(Terminal terminal)
    {
        var journal = new Option<string>("--journal")
        {
            Description = "The journal of `promote judge`, or the --state directory of `promote run`.",
            HelpName = "PATH",
            DefaultValueFactory = static _ => "promotion.jsonl",
        };
        var command = new Command("status", "Draws what a promoter decided and did: gains, the path of the weights, trials.") { journal };
        command.SetAction(parsed =>
        {
            var path = parsed.GetRequiredValue(journal);
            path = Directory.Exists(path) ? Path.Combine(path, Promoter.JournalFile) : path;
            IReadOnlyList<PromotionEntry> entries;
            try
            {
                entries = JsonLines.Read<PromotionEntry>(path);
            }
            catch (InvalidDataException error)
            {
                throw new CommandFailure(error.Message);
            }

            if (entries.FirstOrDefault(entry => entry.Event == PromotionEvent.Begun)?.Objectives is not { } objectives)
            {
                throw new CommandFailure($"{path}: no decisions, expected the journal of `promote judge` or `promote run`");
            }

            PromotionReport.Print(terminal, objectives, entries);
            return 0;
        });
        return command;
    }
}

using System.CommandLine;
using System.Globalization;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;
using Pantheon.Promotion;

namespace Pantheon.Cli.Promote;

/// <summary>`pantheon promote judge`: IPPO's decisions about a reference on live exposures, journaled, without any effect.</summary>
internal static class JudgeCommand
{
    public static Command Of(Terminal terminal)
    {
        var store = StoreOption.Of();
        var @base = new Option<string>("--base") { Description = "The bundle in service: a version's directory, or a model's for its default version.", HelpName = "PATH", Required = true };
        var reference = new Option<string>("--reference") { Description = "The bundle that would replace it.", HelpName = "PATH", Required = true };
        var labels = new Option<string[]>("--label")
        {
            Description = "An objective and the outcome that makes it positive: ctr=click, or 'lvtr=play_seconds>=60' in quotes. Once for each objective.",
            HelpName = "OBJECTIVE=OUTCOME",
            Required = true,
        };
        var window = new Option<TimeSpan>("--window") { Description = "Length of a window.", HelpName = "TIME", DefaultValueFactory = static _ => new JoinOptions().WindowLength };
        var delay = new Option<TimeSpan>("--delay") { Description = "How long a window waits for feedback after its end.", HelpName = "TIME", DefaultValueFactory = static _ => new JoinOptions().FeedbackDelay };
        var since = new Option<DateTimeOffset?>("--since") { Description = "The first window's earliest time. Default: a day ago.", HelpName = "TIME" };
        var exposures = new Option<JudgedExposures>("--exposures")
        {
            Description = "Judge on requests whose answer was drawn at random, or on all: those favour the base.",
            DefaultValueFactory = static _ => JudgedExposures.Explored,
        };
        var error = new Option<double>("--family-wise-error")
        {
            Description = "Chance that one look takes a reference for better on every objective that is not.",
            HelpName = "0.05",
            DefaultValueFactory = static _ => IppoOptions.Live.FamilyWiseError,
        };
        var journal = new Option<string>("--journal") { Description = "Every decision, a line of JSON each; goes on where it ends.", HelpName = "FILE", DefaultValueFactory = static _ => "promotion.jsonl" };
        var command = new Command("judge", "Judges a bundle against the one in service on what users saw and did. A dry run: nothing changes.")
        {
            store, @base, reference, labels, window, delay, since, exposures, error, journal,
        };
        command.SetAction((parsed, cancellation) => Task.Run(
            async () =>
            {
                var join = new JoinOptions
                {
                    WindowLength = parsed.GetValue(window),
                    FeedbackDelay = parsed.GetValue(delay),
                    Labels = [.. parsed.GetRequiredValue(labels).Select(text => Rule(labels.Name, text))],
                };
                var policy = IppoOptions.Live with { FamilyWiseError = parsed.GetValue(error), BurnInWindows = 0 };
                var now = DateTimeOffset.UtcNow;
                try
                {
                    join.Validate();
                    return await RunAsync(
                        parsed.GetRequiredValue(store), parsed.GetRequiredValue(@base), parsed.GetRequiredValue(reference), join, parsed.GetValue(exposures), policy,
                        parsed.GetValue(since) ?? now.AddDays(-1), now, parsed.GetRequiredValue(journal), terminal, cancellation);
                }
                catch (ArgumentException mistake)
                {
                    throw CommandFailure.OfUsage(mistake.Message);
                }
                catch (Exception failure) when (failure is ExposureStoreException or InvalidDataException)
                {
                    throw new CommandFailure(failure.Message);
                }
            },
            cancellation));
        return command;
    }

    private static async Task<int> RunAsync(
        string storePath, string basePath, string referencePath, JoinOptions options, JudgedExposures exposures, IppoOptions policy, DateTimeOffset since, DateTimeOffset now,
        string journalPath, Terminal terminal, CancellationToken cancellation)
    {
        await using var store = await StoreOption.OpenAsync(storePath, cancellation);
        using var @base = terminal.Step("loading the base", () => new LoadedContender(BundleFolder.Open(basePath), cancellation));
        using var reference = terminal.Step("loading the reference", () => new LoadedContender(BundleFolder.Open(referencePath), cancellation));
        var run = new DryRun(new ExposureJoin(store, options), options, exposures, @base.Contender, reference.Contender, policy, JsonLines.Read<PromotionEntry>(journalPath));
        using var journal = JsonLines.Open(journalPath);
        IppoDecision? last = null;
        await foreach (var step in run.RunAsync(since, now, journal, cancellation))
        {
            last = step.Decision;
            terminal.Output.WriteLine(Line(step));
        }

        terminal.Output.WriteLine(last switch
        {
            null => "no window has closed since the last decision",
            { Action: IppoAction.Promote } => $"{reference.Contender.Name} is better than {@base.Contender.Name} on every objective: `pantheon models canary` gives it its first users",
            _ => $"{@base.Contender.Name} stays the base",
        });
        return 0;
    }

    private static string Line(DryRunStep step)
    {
        var (counts, joined) = (step.Judged, step.Joined);
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{step.Decision.Window.Name}: {PromotionReport.Action(step.Decision)}: {step.Decision.Reason} ({counts.Judged} of {counts.Shown} items shown; left out: {counts.NotDrawn} not drawn, {counts.WithoutFeatures} not stored whole, {counts.NotScored} not scored; {joined.LateReports} reports late)");
    }

    private static LabelRule Rule(string option, string text)
    {
        try
        {
            return LabelRule.Parse(text);
        }
        catch (ArgumentException error)
        {
            throw CommandFailure.OfUsage($"{option}: {error.Message}");
        }
    }
}

using System.Globalization;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Reports;
using Pantheon.Promotion;

namespace Pantheon.Cli.Promote;

/// <summary>A promoter's journal, for people.</summary>
internal static class PromotionReport
{
    // As many decisions as a line holds.
    private const int Steps = 60;

    // The most that a screen holds; the journal has all.
    private const int Windows = 40;

    private const int EqualShare = 5;

    private const int HalfWidth = 20;

    // Of 95 %.
    private const double Z = 1.96;

    public static string Action(IppoDecision decision) => decision.Action switch
    {
        IppoAction.Promote => "promote",
        IppoAction.RaiseWeight => $"raise the weight of {decision.Objective}",
        IppoAction.Lose => $"lost: raise the weight of {decision.Objective}",
        _ => "wait",
    };

    /// <summary>An entry as a line.</summary>
    public static string Line(PromotionEntry entry)
    {
        var version = entry.Version is { } one && entry.Event is not PromotionEvent.Decided ? Text($" version {one}") : "";
        var what = entry.Decision is { } decision ? $"{decision.Window.Name}: {Action(decision)}" : entry.Event.ToString().ToLowerInvariant();
        return Text($"{entry.At:yyyy-MM-dd HH:mm:ss}Z {what}{version}: {entry.Text}");
    }

    /// <summary>The decisions with their gains, the path of each weight, and what became of versions.</summary>
    public static void Print(Terminal terminal, IReadOnlyList<string> objectives, IReadOnlyList<PromotionEntry> entries)
    {
        IppoDecision[] decisions = [.. entries.Select(entry => entry.Decision).OfType<IppoDecision>()];
        if (decisions.Length > 0)
        {
            terminal.Print(new Table(
                [new("window"), new("exposures"), .. objectives.Select(name => new Column(name)), new("decision")],
                [.. decisions.TakeLast(Windows).Select(decision => (IReadOnlyList<Cell>)
                [
                    decision.Window.Name, decision.Window.Rows.ToString(CultureInfo.InvariantCulture), .. objectives.Select((_, index) => (Cell)Gain(decision, index)), Action(decision),
                ])],
                "Gain of the reference over the base in points of GAUC, pooled since the last change, and its standard error"));
            terminal.Print(new Table(
                [new("objective"), new("weight now"), new("path")],
                [.. objectives.Select((name, index) => (IReadOnlyList<Cell>)
                [
                    name, Text($"{decisions[^1].After.Reference[index]:0.000}"), Path([.. decisions.Select(decision => decision.After.Reference[index])], objectives.Count),
                ])],
                "Weights of the reference; in the path 5 is an equal share"));
            if (decisions.LastOrDefault(decision => decision.Gains.Count > 0) is { } last)
            {
                terminal.Print(Gaps(objectives, last));
            }
        }

        PromotionEntry[] versions = [.. entries.Where(entry => entry.Event is not (PromotionEvent.Decided or PromotionEvent.Learned or PromotionEvent.Begun))];
        if (versions.Length > 0)
        {
            terminal.Print(new Table(
                [new("when"), new("version"), new("what"), new("why")],
                [.. versions.TakeLast(Windows).Select(entry => (IReadOnlyList<Cell>)
                [
                    Text($"{entry.At:yyyy-MM-dd HH:mm}Z"), entry.Version is { } version ? Text($"{version}") : "", What(entry), entry.Text,
                ])],
                "Versions"));
        }

        terminal.Output.WriteLine(Text($"{entries.Count(entry => entry.Event is PromotionEvent.Learned or PromotionEvent.Begun)} windows only learned from, {decisions.Count(decision => decision.Action != IppoAction.Lose)} judged; last: {Line(entries[^1])}"));
    }

    // One line for each objective, all on one scale.
    private static Table Gaps(IReadOnlyList<string> objectives, IppoDecision decision)
    {
        var ends = decision.Gains.Zip(decision.StandardErrors, (gain, error) => (Low: gain - (Z * error), High: gain + (Z * error))).ToList();
        var scale = Math.Max(1e-9, ends.Max(end => Math.Max(Math.Abs(end.Low), Math.Abs(end.High))));
        int Place(double gain) => (int)Math.Round((HalfWidth * gain / scale) + HalfWidth);
        return new Table(
            [new("objective"), new("gain"), new(Text($"from {-100 * scale:0.0} to +{100 * scale:0.0} points"))],
            [.. objectives.Select((name, index) => (IReadOnlyList<Cell>)
            [
                name, Gain(decision, index),
                string.Concat(Enumerable.Range(0, (2 * HalfWidth) + 1).Select(place =>
                    place == Place(decision.Gains[index]) ? 'o' : place == HalfWidth ? '|' : place >= Place(ends[index].Low) && place <= Place(ends[index].High) ? '=' : '.')),
            ])],
            $"Gaps of window {decision.Window.Name}: o is the gain of the reference over the base, = its 95 % interval, | nothing");
    }

    private static string What(PromotionEntry entry) => entry.Refresh == true ? $"{entry.Event.ToString().ToLowerInvariant()} (refresh)" : entry.Event.ToString().ToLowerInvariant();

    private static string Gain(IppoDecision decision, int objective) =>
        decision.Gains.Count == 0 ? "" : Text($"{100 * decision.Gains[objective]:+0.00;-0.00;0.00} ± {100 * decision.StandardErrors[objective]:0.00}");

    private static string Path(IReadOnlyList<double> weights, int objectives) => string.Concat(
        weights.TakeLast(Steps).Select(weight => (char)('0' + (int)Math.Clamp(Math.Round(EqualShare * weight * objectives), 0, 9))));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

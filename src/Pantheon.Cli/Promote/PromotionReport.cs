using System.Globalization;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Reports;

namespace Pantheon.Cli.Promote;

/// <summary>A journal of decisions, for people.</summary>
internal static class PromotionReport
{
    // As many decisions as a line holds.
    private const int Steps = 60;

    private const int EqualShare = 5;

    public static string Action(IppoDecision decision) => decision.Action switch
    {
        IppoAction.Promote => "promote",
        IppoAction.RaiseWeight => $"raise the weight of {decision.Objective}",
        _ => "wait",
    };

    /// <summary>The decisions with their gains, then the path of each weight.</summary>
    public static void Print(Terminal terminal, IReadOnlyList<string> objectives, IReadOnlyList<IppoDecision> decisions)
    {
        terminal.Print(new Table(
            [new("window"), new("exposures"), .. objectives.Select(name => new Column(name)), new("decision")],
            [.. decisions.Select(decision => (IReadOnlyList<Cell>)
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
            "Weights of the reference, as IPPO would have them; in the path 5 is an equal share"));
    }

    private static string Gain(IppoDecision decision, int objective) =>
        decision.Gains.Count == 0 ? "" : Text($"{100 * decision.Gains[objective]:+0.00;-0.00;0.00} ± {100 * decision.StandardErrors[objective]:0.00}");

    private static string Path(IReadOnlyList<double> weights, int objectives) => string.Concat(
        weights.TakeLast(Steps).Select(weight => (char)('0' + (int)Math.Clamp(Math.Round(EqualShare * weight * objectives), 0, 9))));

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

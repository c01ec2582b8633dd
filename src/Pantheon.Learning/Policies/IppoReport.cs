using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Experiments;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Policies;

/// <summary>Lays a stream out: what was decided and why, the path of the weights, and what came out on days that had no part in it.</summary>
public static class IppoReport
{
    private const double Percent = 100;

    /// <param name="data">With the days to test on.</param>
    /// <param name="facts">What to say of command and data.</param>
    public static Report Make(Dataset data, IppoResult result, IReadOnlyList<Fact> facts, TrainingConfig config)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(result);
        var decisions = result.Windows.SelectMany(window => window.Decisions).ToList();
        var promotions = decisions.Count(decision => decision.Action == IppoAction.Promote);
        (string Name, float[] Scores)[] kept = result.Base is null ? [] : [("the base after the stream", result.Base)];
        var exposures = new ScoredExposures(data, data.Test);
        return new Report("Iterative Pareto Policy Optimization", [
            new Facts(facts),
            new Paragraph(promotions == 0
                ? $"No reference beat {result.Incumbent.Name} on every objective: it stays the base."
                : $"{promotions} of {decisions.Count} decisions were promotions; the first replaced {result.Incumbent.Name}."),
            new Heading("Decisions"),
            Journal(result),
            new Heading("Weights"),
            .. result.References.Select(reference => Path(data.Schema.Objectives, reference.Name, decisions)),
            new Heading("Gains over the base, window by window"),
            .. result.References.Select((reference, index) => Gains(data.Schema.Objectives, reference.Name, index, result.Windows)),
            new Heading("The days to test on, which had no part in it"),
            .. EvaluationTables.Compare(
                exposures, result.Pxtrs, [result.Incumbent, .. kept, .. result.References.Select(reference => ($"reference '{reference.Name}'", reference.Scores))], "Test days"),
            .. kept.Select(score => Verdict(exposures, result.Incumbent, score)),
            new Heading("Configuration"),
            new CodeBlock(config.ToJson(), "json"),
        ]);
    }

    /// <summary>What was decided, in a few words.</summary>
    public static string Describe(IppoDecision decision)
    {
        ArgumentNullException.ThrowIfNull(decision);
        return decision.Action switch
        {
            IppoAction.Wait => "wait",
            IppoAction.Promote => "promote",
            IppoAction.RaiseWeight => $"raise the weight of {decision.Objective}",
            _ => throw new ArgumentException($"{decision.Action} is no action", nameof(decision)),
        };
    }

    private static Paragraph Verdict(ScoredExposures exposures, (string Name, float[] Scores) incumbent, (string Name, float[] Scores) kept)
    {
        var gains = PairedBootstrap.Compare(
            (incumbent.Name, Gauc.PerUser(incumbent.Scores, exposures.Labels)), [(kept.Name, Gauc.PerUser(kept.Scores, exposures.Labels))]);
        return GainVerdict.Of(incumbent.Name, gains.Scorings[1]);
    }

    private static Table Journal(IppoResult result) => new(
        [new("window"), new("reference"), new("decision"), new("reason")],
        [.. result.Windows.SelectMany(window => window.Decisions).Select(decision => (IReadOnlyList<Cell>)[
            decision.Window.Name, decision.Reference, Describe(decision), decision.Reason,
        ])],
        "Gains in points of GAUC, reference less base, with one standard error");


    private static LinePlot Path(IReadOnlyList<string> objectives, string name, List<IppoDecision> decisions)
    {
        var mine = decisions.Where(decision => decision.Reference == name).ToList();
        double[] places = [.. Enumerable.Range(1, mine.Count)];
        return new LinePlot($"Weights of reference '{name}'", "decision", "share of the loss", [.. objectives.Select((objective, index) => new Series(
            objective, places, [.. mine.Select(decision => decision.After.Reference[index])]))]);
    }

    private static LinePlot Gains(IReadOnlyList<string> objectives, string name, int reference, IReadOnlyList<JudgedWindow> windows)
    {
        double[] places = [.. Enumerable.Range(1, windows.Count)];
        return new LinePlot($"Reference '{name}' less the base", "window", "points of GAUC", [.. objectives.Select((objective, index) => new Series(
            objective, places, [.. windows.Select(window => Percent * (window.Windows[reference].Reference[index] - window.Windows[reference].Base[index]))]))]);
    }
}

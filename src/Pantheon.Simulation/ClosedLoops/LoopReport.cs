using System.Globalization;
using Pantheon.Learning.Policies;
using Pantheon.Learning.Reports;
using Pantheon.Promotion;

namespace Pantheon.Simulation.ClosedLoops;

/// <summary>What a loop came to, for people.</summary>
public static class LoopReport
{
    private const double Percent = 100;

    private static readonly string[] s_groups = ["in-room, high", "in-room, middle", "in-room, low", "out-room, high", "out-room, middle", "out-room, low"];

    // Pantheon's Table 5: which of long view (1), interaction (2) and gift (4).
    private static readonly (string Name, int Bits)[] s_behaviours =
        [("long view, interaction and gift", 7), ("long view and interaction", 3), ("long view and gift", 5), ("interaction and gift", 6), ("long view alone", 1), ("interaction alone", 2), ("gift alone", 4)];

    /// <summary>Makes it.</summary>
    /// <param name="facts">What one must know to repeat it.</param>
    public static Report Make(LoopOptions options, LoopResult result, IReadOnlyList<Fact> facts)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(result);
        var decisions = result.Journal.Where(entry => entry.Event == PromotionEvent.Decided).ToList();
        List<ReportBlock> blocks =
        [
            new Paragraph($"A simulated live-streaming audience (docs/simulation.md), {options.Days} days: every visit was ranked by the service over gRPC, mixed with short videos, shown, reported, stored and learned from; what won was tried out and promoted in the same service. The audience and the calendar are simulated; the service, the store and the promoter are the real ones."),
            new Facts(facts),
            new Heading("What came of it"),
            new Paragraph(Verdict(result)),
            Versions(result),
        ];
        if (decisions.Count > 0)
        {
            blocks.AddRange([new Heading("Weights and gains"), Decisions(decisions), WeightsPath(decisions), Gains(decisions), BaseAndReference(decisions)]);
        }

        blocks.AddRange([new Heading("Days"), Days(result), Shares(result)]);
        if (result.Later is { } later)
        {
            blocks.AddRange(
            [
                new Heading("Against the incumbent, on days that nobody learned from"),
                new Paragraph(Text($"Both versions ranked the same visits of {options.LaterDays} later days, each with its own feed; {later.Rows} rooms shown in no order are what GAUC is of.")),
                GaucTable(later), GaucPlot(later),
                Outcomes(later.IncumbentAlone, later.BaseAlone, "A/B: what the same visits came to with each, in a feed of rooms alone"),
                Outcomes(later.Incumbent, later.Base, "A/B: the same in the feed with short videos, which rooms take the places of"),
                Alignment(later), Groups(later), Behaviours(later),
            ]);
        }

        return new Report(Text($"The closed loop: {options.Days} days, {options.Start.ToString().ToLowerInvariant()} incumbent, seed {options.World.Seed}"), blocks);
    }

    /// <summary>One sentence on how it went.</summary>
    public static string Verdict(LoopResult result)
    {
        ArgumentNullException.ThrowIfNull(result);
        var (requests, failures) = (result.Days.Sum(day => day.Requests), result.Days.Sum(day => day.Failures));
        var refused = result.Journal.Count(entry => entry.Event == PromotionEvent.Lost);
        var change = result.Later is not { } later ? "the base never changed"
            : result.IsBetterOnAll == true ? Text($"on the later days the last base (version {result.LastVersion}) beats the incumbent on every objective's GAUC, the worst gain being {Percent * later.Gauc.Scorings[1].WorstGain.Value:+0.00;-0.00} points")
            : Text($"on the later days the last base (version {result.LastVersion}) does not beat the incumbent on every objective's GAUC: the worst gain is {Percent * later.Gauc.Scorings[1].WorstGain.Value:+0.00;-0.00} points");
        return Text($"{requests} requests, {failures} failed; {result.Promotions} promoted, {refused} lost on trial; {change}.");
    }

    private static Table Versions(LoopResult result) => new(
        [new("when"), new("what"), new("version"), new("why")],
        [.. result.Journal.Where(entry => entry.Event is not (PromotionEvent.Learned or PromotionEvent.Decided or PromotionEvent.Begun)).Select(entry => (IReadOnlyList<Cell>)
        [
            When(entry.At), entry.Refresh == true ? $"{entry.Event.ToString().ToLowerInvariant()} (refresh)" : entry.Event.ToString().ToLowerInvariant(), entry.Version is { } version ? Text($"{version}") : "", entry.Text,
        ])],
        "Versions: published, tried out, promoted or lost, by the loop's calendar");

    private static Table Decisions(List<PromotionEntry> decisions) => new(
        [new("window"), new("judged"), .. Objectives.Names.Select(name => new Column(name)), new("decision")],
        [.. decisions.Select(entry => (IReadOnlyList<Cell>)
        [
            entry.Decision!.Window.Name[..10], Text($"{entry.Decision.Window.Rows}"),
            .. Objectives.Names.Select((_, objective) => (Cell)(entry.Decision.Gains.Count == 0 ? "" : Text($"{Percent * entry.Decision.Gains[objective]:+0.00;-0.00;0.00} ± {Percent * entry.Decision.StandardErrors[objective]:0.00}"))),
            entry.Decision.Action switch { IppoAction.Promote => "promote", IppoAction.RaiseWeight => $"raise {entry.Decision.Objective}", _ => "wait" },
        ])],
        "Gains of the reference over the base in points of GAUC, pooled since the last change, with one standard error");

    private static LinePlot WeightsPath(List<PromotionEntry> decisions) => new(
        "Weights of the reference", "window judged", "share of the loss",
        [.. Objectives.Names.Select((name, objective) => new Series(name, Places(decisions.Count), [.. decisions.Select(entry => entry.Decision!.After.Reference[objective])]))]);

    private static LinePlot Gains(List<PromotionEntry> decisions) => new(
        "Reference less base", "window judged", "points of GAUC",
        [.. Objectives.Names.Select((name, objective) => new Series(
            name, Places(decisions.Count), [.. decisions.Select(entry => Percent * (entry.Decision!.Window.Reference[objective] - entry.Decision.Window.Base[objective]))]))]);

    private static Table BaseAndReference(List<PromotionEntry> decisions) => new(
        [new("window"), .. Objectives.Names.Select(name => new Column(name))],
        [.. decisions.Select(entry => (IReadOnlyList<Cell>)
        [
            entry.Decision!.Window.Name[..10],
            .. Objectives.Names.Select((_, objective) => (Cell)Text($"{Percent * entry.Decision.Window.Base[objective]:0.0} / {Percent * entry.Decision.Window.Reference[objective]:0.0} / {Percent * entry.Decision.Window.Ranking[objective]:0.0}")),
        ])],
        "GAUC of base / reference / the ranking model's own Pxtrs, each window alone");

    private static Table Days(LoopResult result) => new(
        [new("day"), new("requests"), new("failed"), new("drawn"), new("versions"), new("rooms' share"), new("uncalibrated"), new("rooms' position"), new("uncalibrated position"), new("positives per feed")],
        [.. result.Days.Select(day => (IReadOnlyList<Cell>)
        [
            Text($"{day.Day + 1}"), Text($"{day.Requests}"), day.Failures == 0 ? "0" : Text($"{day.Failures} ({day.FirstFailure})"), Text($"{day.Explored}"),
            string.Join(", ", day.Versions.OrderBy(pair => pair.Key).Select(pair => Text($"{pair.Key}: {Percent * pair.Value / day.Requests:0} %"))),
            Text($"{Percent * day.Shown.RoomShare:0.0} %"), Text($"{Percent * day.Uncalibrated.RoomShare:0.0} %"), Text($"{day.Shown.MeanPosition:0.00}"), Text($"{day.Uncalibrated.MeanPosition:0.00}"),
            Text($"{day.Shown.Positives.Sum() / Math.Max(1, day.Shown.Feeds):0.000}"),
        ])],
        "Of answers that were not drawn: share of the places that have rooms, and their mean position from 0, as shown and had the scores been taken as the graphs gave them");

    private static LinePlot Shares(LoopResult result)
    {
        double[] days = Places(result.Days.Count);
        return new LinePlot(
            "Share of the places that have rooms", "day", "percent",
            [new Series("calibrated, as shown", days, [.. result.Days.Select(day => Percent * day.Shown.RoomShare)]), new Series("uncalibrated", days, [.. result.Days.Select(day => Percent * day.Uncalibrated.RoomShare)])]);
    }

    private static Table GaucTable(LaterDays later) => new(
        [new("objective"), new("incumbent"), new("last base"), new("gain"), new("gain of its Pxtrs under the incumbent's formula")],
        [.. Objectives.Names.Select((name, objective) => (IReadOnlyList<Cell>)
        [
            name, Text($"{Percent * later.Gauc.Scorings[0].Gauc[objective].Value:0.00}"), Text($"{Percent * later.Gauc.Scorings[1].Gauc[objective].Value:0.00}"),
            Interval(later, 1, objective), Interval(later, 2, objective),
        ])],
        "GAUC in points, with the 95 % interval of a paired bootstrap over users; the last column is what is gained by being fresh alone");

    private static Cell Interval(LaterDays later, int scoring, int objective)
    {
        var gain = later.Gauc.Scorings[scoring].Gain[objective];
        return Text($"{Percent * gain.Value:+0.00;-0.00} [{Percent * gain.Low:+0.00;-0.00}, {Percent * gain.High:+0.00;-0.00}]");
    }

    private static IntervalPlot GaucPlot(LaterDays later) => new(
        "Gain over the incumbent", "points of GAUC",
        [.. Objectives.Names.Select((name, objective) => new IntervalGroup(name, [new IntervalPoint("last base", Scaled(later.Gauc.Scorings[1].Gain[objective])), new IntervalPoint("its Pxtrs, the incumbent's formula", Scaled(later.Gauc.Scorings[2].Gain[objective]))]))]);

    private static Estimate Scaled(Learning.Metrics.Estimate gain) => new(Percent * gain.Value, Percent * gain.Low, Percent * gain.High);

    private static Table Outcomes(Tally incumbent, Tally last, string caption) => new(
        [new("for each feed"), new("incumbent"), new("last base"), new("change")],
        [
            .. Objectives.Names.Select((name, objective) => Row(name, incumbent.Positives[objective] / incumbent.Feeds, last.Positives[objective] / last.Feeds)),
            Row("rooms seen", (double)incumbent.Rooms / incumbent.Feeds, (double)last.Rooms / last.Feeds),
            Row("seconds watched", incumbent.WatchSeconds / incumbent.Feeds, last.WatchSeconds / last.Feeds),
            Row("rooms of new authors seen", incumbent.NewAuthors / incumbent.Feeds, last.NewAuthors / last.Feeds),
            Row("first gifts", incumbent.FirstGifts / incumbent.Feeds, last.FirstGifts / last.Feeds),
        ],
        caption);

    private static Table Alignment(LaterDays later) => new(
        [new("places of the feed"), new("incumbent"), new("last base")],
        [
            [(Cell)"rooms' share, calibrated", Text($"{Percent * later.Incumbent.RoomShare:0.0} %"), Text($"{Percent * later.Base.RoomShare:0.0} %")],
            [(Cell)"rooms' share, uncalibrated", Text($"{Percent * later.RawIncumbent.RoomShare:0.0} %"), Text($"{Percent * later.RawBase.RoomShare:0.0} %")],
            [(Cell)"mean position, calibrated", Text($"{later.Incumbent.MeanPosition:0.00}"), Text($"{later.Base.MeanPosition:0.00}")],
            [(Cell)"mean position, uncalibrated", Text($"{later.RawIncumbent.MeanPosition:0.00}"), Text($"{later.RawBase.MeanPosition:0.00}")],
        ],
        "Calibration: rooms against short videos, whose scores have a mean of 0.3 and a standard deviation of 0.1");

    private static Table Groups(LaterDays later) => new(
        [new("users"), new("exposures"), new("effective views in rooms")],
        [.. s_groups.Select((name, group) => (IReadOnlyList<Cell>)
        [
            name, Change(later.Incumbent.GroupExposures[group], later.Base.GroupExposures[group]), Change(later.Incumbent.GroupEffectiveViews[group], later.Base.GroupEffectiveViews[group]),
        ])],
        "Ecology by user group, change over the incumbent: Pantheon's Table 4 for this world");

    private static Table Behaviours(LaterDays later) => new(
        [new("rooms seen with"), new("incumbent"), new("last base"), new("change")],
        [.. s_behaviours.Select(behaviour => (IReadOnlyList<Cell>)
        [
            behaviour.Name, Text($"{later.Incumbent.ByBehaviour[behaviour.Bits]:0}"), Text($"{later.Base.ByBehaviour[behaviour.Bits]:0}"),
            Change(later.Incumbent.ByBehaviour[behaviour.Bits], later.Base.ByBehaviour[behaviour.Bits]),
        ])],
        "Ecology by behaviour: Pantheon's Table 5 for this world, which has no forwarding");

    private static IReadOnlyList<Cell> Row(string name, double incumbent, double last) => [name, Text($"{incumbent:0.0000}"), Text($"{last:0.0000}"), Change(incumbent, last)];

    private static Cell Change(double from, double to) => from == 0 ? "" : Text($"{Percent * (to - from) / from:+0.0;-0.0;0.0} %");

    private static double[] Places(int count) => [.. Enumerable.Range(1, count).Select(place => (double)place)];

    private static string When(DateTimeOffset at) => Text($"day {(at - ClosedLoop.Start).Days + 1}, {at:HH:mm}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

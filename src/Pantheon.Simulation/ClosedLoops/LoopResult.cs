using Pantheon.Learning.Metrics;
using Pantheon.Promotion;

namespace Pantheon.Simulation.ClosedLoops;

/// <summary>A day of the loop.</summary>
/// <param name="Day">From the loop's first, 0.</param>
/// <param name="Requests">Requests that were answered.</param>
/// <param name="Failures">Requests that were not, by any call's failure.</param>
/// <param name="FirstFailure">The first one's reason; empty: none.</param>
/// <param name="Explored">Answers that were drawn at random.</param>
/// <param name="Versions">Answers of each version.</param>
/// <param name="Shown">Feeds of answers that were not drawn.</param>
/// <param name="Uncalibrated">Their places, had the scores been taken as the graphs gave them.</param>
public sealed record LoopDay(
    int Day, long Requests, long Failures, string FirstFailure, long Explored, IReadOnlyDictionary<long, long> Versions, Tally Shown, Tally Uncalibrated);

/// <summary>Incumbent against last base on days that nobody learned from.</summary>
/// <param name="Incumbent">The incumbent's feeds.</param>
/// <param name="Base">The last base's, for the same visits.</param>
/// <param name="RawIncumbent">Places of the incumbent's rooms, uncalibrated.</param>
/// <param name="RawBase">Of the last base's, uncalibrated.</param>
/// <param name="IncumbentAlone">The incumbent's feeds where no short videos compete.</param>
/// <param name="BaseAlone">The last base's, likewise.</param>
/// <param name="Rows">Rooms shown in no order, on which both are judged.</param>
/// <param name="Gauc">GAUC of both on those, and of the incumbent's formula over the last base's Pxtrs, with paired intervals over users.</param>
public sealed record LaterDays(Tally Incumbent, Tally Base, Tally RawIncumbent, Tally RawBase, Tally IncumbentAlone, Tally BaseAlone, int Rows, BootstrapReport Gauc);

/// <summary>What the loop came to.</summary>
/// <param name="FirstVersion">The incumbent.</param>
/// <param name="LastVersion">The base at the end.</param>
/// <param name="Days">Day by day.</param>
/// <param name="Journal">The promoter's.</param>
/// <param name="Later">The comparison; null: the base never changed.</param>
public sealed record LoopResult(long FirstVersion, long LastVersion, IReadOnlyList<LoopDay> Days, IReadOnlyList<PromotionEntry> Journal, LaterDays? Later)
{
    /// <summary>Promotions of another policy; a fresher base of the same one is none.</summary>
    public int Promotions => Journal.Count(entry => entry is { Event: PromotionEvent.Promoted, Refresh: not true });

    /// <summary>Whether the last base beats the incumbent on every objective's GAUC on the later days; null: it is the incumbent.</summary>
    public bool? IsBetterOnAll => Later?.Gauc.Scorings[1].Gain.All(gain => gain.Value > 0);
}

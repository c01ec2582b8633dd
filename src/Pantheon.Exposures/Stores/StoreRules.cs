using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;

namespace Pantheon.Exposures.Stores;

/// <summary>What both stores ask of their callers, before anything is written.</summary>
internal static class StoreRules
{
    // The border has the operator's limits; a store only keeps out what it could not hold.
    private static readonly FeedbackLimits Shape = new() { ItemsPerReport = int.MaxValue, OutcomesPerItem = int.MaxValue, NameLength = 1024 };

    public static void Check(IReadOnlyList<Ranking> rankings)
    {
        for (var index = 0; index < rankings.Count; index++)
        {
            Throw(RankingRules.Check(rankings[index]), nameof(rankings));
        }
    }

    public static void Check(IReadOnlyList<FeedbackReport> reports)
    {
        for (var index = 0; index < reports.Count; index++)
        {
            var report = reports[index];
            Throw(
                RankingId.TryTimeOf(report.RankingId, out _)
                    ? FeedbackRules.CheckShape(report, Shape)
                    : new ExposureFault("ranking_id", report.RankingId.ToString(), "the ranking_id of an answer"),
                nameof(reports));
        }
    }

    public static void Check(ExposureWindow window, TimeProvider time)
    {
        // Closing the future would give what comes until then a time that has not been.
        if (window.ClosedAt > time.GetUtcNow())
        {
            Throw(new ExposureFault("window", $"one that closes at {window.ClosedAt:O}", $"a time up to now, {time.GetUtcNow():O}"), nameof(window));
        }
    }

    public static void Check(string userKey) => Throw(RankingRules.CheckUser(userKey), nameof(userKey));

    /// <summary>The UTC day that a time falls in: what is trimmed goes by whole days, as PostgreSQL's partitions do.</summary>
    public static DateTimeOffset Day(DateTimeOffset at) => at < DateTimeOffset.UnixEpoch ? DateTimeOffset.UnixEpoch : new(at.UtcDateTime.Date, TimeSpan.Zero);

    private static void Throw(ExposureFault? fault, string parameter)
    {
        if (fault is not null)
        {
            throw new ArgumentException(fault.Message, parameter);
        }
    }
}

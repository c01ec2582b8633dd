namespace Pantheon.Exposures.Joining;

/// <summary>What a join met. A join counts into it as its rows are read.</summary>
public sealed record JoinCounts
{
    /// <summary>Rankings of the window that were stored in time.</summary>
    public long Rankings { get; set; }

    /// <summary>Those of them that a report came for in time.</summary>
    public long RankingsWithFeedback { get; set; }

    /// <summary>Items that were shown: the rows.</summary>
    public long ItemsShown { get; set; }

    /// <summary>Items with an outcome that no report says were shown: no rows.</summary>
    public long OutcomesNotShown { get; set; }

    /// <summary>Reports that came after the window had closed: left out.</summary>
    public long LateReports { get; set; }

    /// <summary>Rankings that were stored after the window had closed: left out.</summary>
    public long LateRankings { get; set; }

    /// <summary>Rankings that reports came for in time and that are not there: never returned, dropped by the log, deleted.</summary>
    public long UnknownRankings { get; set; }

    /// <summary>Ranks, over all rankings, that reports name and the ranking does not have: left out.</summary>
    public long BadRanks { get; set; }
}

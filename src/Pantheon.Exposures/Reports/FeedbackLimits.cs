namespace Pantheon.Exposures.Reports;

/// <summary>How much a report may hold, and of which rankings one may speak.</summary>
public sealed record FeedbackLimits
{
    /// <summary>Items in a report, at least 1. Default 1,024: more than any screen shows.</summary>
    public int ItemsPerReport { get; init; } = 1024;

    /// <summary>Outcomes of an item, at least 1. Default 32: KuaiRand, the richest public log, has 12.</summary>
    public int OutcomesPerItem { get; init; } = 32;

    /// <summary>Characters of an outcome's name, at least 1. Default 64. Names are stored with every report.</summary>
    public int NameLength { get; init; } = 64;

    /// <summary>
    /// How old a ranking may be when a report of it comes, above 0. Default 7 days: long after any window has closed. With
    /// <see cref="ClockSkew"/> it bounds the days for which strangers can make a store keep something.
    /// </summary>
    public TimeSpan RankingAge { get; init; } = TimeSpan.FromDays(7);

    /// <summary>How far ahead of this clock a ranking's may be, at least 0. Default 5 minutes, what replicas without NTP drift in months.</summary>
    public TimeSpan ClockSkew { get; init; } = TimeSpan.FromMinutes(5);

    /// <summary>Throws what is wrong with these numbers; for the start of the service.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Validate()
    {
        Setting.AtLeast(nameof(ItemsPerReport), ItemsPerReport, 1);
        Setting.AtLeast(nameof(OutcomesPerItem), OutcomesPerItem, 1);
        Setting.AtLeast(nameof(NameLength), NameLength, 1);
        Setting.AtLeast(nameof(RankingAge), RankingAge, TimeSpan.FromTicks(1));
        Setting.AtLeast(nameof(ClockSkew), ClockSkew, TimeSpan.Zero);
    }
}

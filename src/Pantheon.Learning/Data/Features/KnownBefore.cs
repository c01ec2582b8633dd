namespace Pantheon.Learning.Data;

/// <summary>
/// Up to which time an exposure's counters and histories know what was shown and what came of it. Never later than the exposure, and
/// never earlier for a later exposure.
/// </summary>
internal sealed class KnownBefore(FeatureOptions options, TimeSplit split)
{
    private readonly long _delayMs = (long)options.FeedbackDelay.TotalMilliseconds;

    /// <summary>Exposures before this time are known at a time; both in milliseconds since 1970 UTC.</summary>
    public long Of(long timeMs)
    {
        var known = timeMs - _delayMs;
        if (options.CounterRefresh == CounterRefresh.AtOnce)
        {
            return known;
        }

        var period = timeMs >= split.TestFromMs ? split.TestFromMs : timeMs >= split.ValidateFromMs ? split.ValidateFromMs : long.MaxValue;
        return Math.Min(Math.Min(known, period), ChinaTime.StartOf(ChinaTime.DayOf(timeMs)));
    }
}

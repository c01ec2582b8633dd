namespace Pantheon.Exposures.Joining;

/// <summary>Rankings of a stretch of time, and until when reports of them count. Times are in whole milliseconds.</summary>
public readonly record struct ExposureWindow
{
    /// <param name="from">The first ranking's earliest time.</param>
    /// <param name="to">After <paramref name="from"/>; the first time that is outside.</param>
    /// <param name="closedAt">At least <paramref name="to"/>; what is stored at this time or later is late.</param>
    /// <exception cref="ArgumentException">Times in another order, or not in whole milliseconds.</exception>
    public ExposureWindow(DateTimeOffset from, DateTimeOffset to, DateTimeOffset closedAt)
    {
        if (from >= to || to > closedAt || from < DateTimeOffset.UnixEpoch)
        {
            throw new ArgumentException($"window: got {from:O} to {to:O} closed at {closedAt:O}, expected three times since 1970 in this order");
        }

        if (!Whole(from) || !Whole(to) || !Whole(closedAt))
        {
            throw new ArgumentException($"window: got {from:O} to {to:O} closed at {closedAt:O}, expected whole milliseconds");
        }

        (From, To, ClosedAt) = (from.ToUniversalTime(), to.ToUniversalTime(), closedAt.ToUniversalTime());
    }

    /// <summary>The first ranking's earliest time.</summary>
    public DateTimeOffset From { get; }

    /// <summary>The first time that is outside.</summary>
    public DateTimeOffset To { get; }

    /// <summary>What is stored at this time or later is late.</summary>
    public DateTimeOffset ClosedAt { get; }

    private static bool Whole(DateTimeOffset at) => at.UtcTicks % TimeSpan.TicksPerMillisecond == 0;
}

namespace Pantheon.Exposures.Retention;

/// <summary>How long exposures are kept.</summary>
public sealed record RetentionOptions
{
    /// <summary>
    /// How long, at least 1 day; whole UTC days older than that go. Null: for ever. Default 30 days: four weeks to train on and a
    /// weekend to notice. Keep it longer than the age up to which reports are taken.
    /// </summary>
    public TimeSpan? Keep { get; init; } = TimeSpan.FromDays(30);

    /// <summary>How often to look, at least 1 minute. Default 1 hour: a day that has ended is soon gone, and looking costs little.</summary>
    public TimeSpan Interval { get; init; } = TimeSpan.FromHours(1);

    /// <summary>Throws what is wrong with these numbers; for the start of the service.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Validate()
    {
        if (Keep is { } keep)
        {
            Setting.AtLeast(nameof(Keep), keep, TimeSpan.FromDays(1));
        }

        Setting.AtLeast(nameof(Interval), Interval, TimeSpan.FromMinutes(1));
    }
}

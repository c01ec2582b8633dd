namespace Pantheon.Exposures.Recording;

/// <summary>How much may wait to be stored, and how it is stored.</summary>
public sealed record ExposureLogOptions
{
    /// <summary>Rankings that may wait, at least 1. Default 65,536: half a minute of an outage at two thousand requests a second.</summary>
    public int Capacity { get; init; } = 65_536;

    /// <summary>Bytes that those may take, at least 1. Default 64 MiB: what the default number of rankings of 20 items takes, or fewer with features.</summary>
    public long CapacityBytes { get; init; } = 64 * 1024 * 1024;

    /// <summary>Rankings stored in one transaction, at least 1. Default 1,024: one sync of the disk for all of them.</summary>
    public int BatchSize { get; init; } = 1024;

    /// <summary>
    /// How long a batch that is not full waits for more, at least 0. Default 100 ms: at most ten syncs a second; what a kill -9 loses of
    /// answers already given, and that nobody was told were stored.
    /// </summary>
    public TimeSpan Linger { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The pause after a failed write, above 0; doubled with every further one. Default 100 ms: a lock, a restart.</summary>
    public TimeSpan RetryDelay { get; init; } = TimeSpan.FromMilliseconds(100);

    /// <summary>The longest pause between tries, at least <see cref="RetryDelay"/>. Default 10 seconds: soon after an outage all is well again.</summary>
    public TimeSpan MaxRetryDelay { get; init; } = TimeSpan.FromSeconds(10);

    /// <summary>
    /// How long stopping waits for what is queued to be stored, at least 0; what is not then is dropped, counted and logged. Default 5
    /// seconds: a sixth of the 30 that Kubernetes waits before it kills.
    /// </summary>
    public TimeSpan StopTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>
    /// Share of rankings, 0 to 1, that are stored with their features; drawn from the ranking's id, so every part of the program
    /// draws alike. Default 0.01: features are most of the bytes, and a hundredth is enough to see that they are served as they were trained on.
    /// </summary>
    public double FeaturesShare { get; init; } = 0.01;

    /// <summary>Throws what is wrong with these numbers; for the start of the service.</summary>
    /// <exception cref="ArgumentException">A number is out of its range.</exception>
    public void Validate()
    {
        Setting.AtLeast(nameof(Capacity), Capacity, 1);
        Setting.AtLeast(nameof(CapacityBytes), CapacityBytes, 1);
        Setting.AtLeast(nameof(BatchSize), BatchSize, 1);
        Setting.AtLeast(nameof(Linger), Linger, TimeSpan.Zero);
        Setting.AtLeast(nameof(RetryDelay), RetryDelay, TimeSpan.FromMilliseconds(1));
        Setting.AtLeast(nameof(MaxRetryDelay), MaxRetryDelay, RetryDelay);
        Setting.AtLeast(nameof(StopTimeout), StopTimeout, TimeSpan.Zero);
        Setting.Between(nameof(FeaturesShare), FeaturesShare, 0, 1);
    }
}

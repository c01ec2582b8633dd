namespace Pantheon.Scoring.Admission;

/// <summary>How many requests are scored at once, and how many may wait.</summary>
public sealed record AdmissionOptions
{
    /// <summary>
    /// Runs at the same time. Default 0: one per core of the container's quota. More than that only adds waiting that
    /// nobody can see.
    /// </summary>
    public int Concurrency { get; init; }

    /// <summary>
    /// Requests that may wait for a slot, at least 0. Default 1,024: what comes in during a stall of a second at a
    /// thousand requests a second. A request that has a deadline is refused much earlier, by the deadline; this bounds memory
    /// for those that have none.
    /// </summary>
    public int QueueLimit { get; init; } = 1024;

    /// <summary>
    /// How long a service-time estimate is trusted without a new sample. After that one request is let through to
    /// renew it, so that one slow second never refuses traffic for good. Default 1 second.
    /// </summary>
    public TimeSpan EstimateLifetime { get; init; } = TimeSpan.FromSeconds(1);

    /// <summary>The concurrency in force.</summary>
    public int Slots => Concurrency > 0 ? Concurrency : Environment.ProcessorCount;
}

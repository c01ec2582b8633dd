namespace Pantheon.Learning.Policies;

/// <summary>How IPPO goes through a log.</summary>
public sealed record IppoStreamOptions
{
    /// <summary>
    /// Time from midnight in China on the log's first day that everything is trained on before the first window. Two weeks: enough to have
    /// a model at all.
    /// </summary>
    public TimeSpan Warmup { get; init; } = TimeSpan.FromDays(14);

    /// <summary>Length of a window. Two days: in one, few users have what rare objectives need.</summary>
    public TimeSpan Window { get; init; } = TimeSpan.FromDays(2);

    /// <summary>How it is decided after each.</summary>
    public IppoOptions Policy { get; init; } = new();
}

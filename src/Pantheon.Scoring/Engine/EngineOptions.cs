namespace Pantheon.Scoring.Engine;

/// <summary>What one request may ask for. Above a limit it is refused, never cut short.</summary>
public sealed record EngineOptions
{
    /// <summary>
    /// Candidates per request, at least 1. Default 4,096: an order of magnitude above what a ranking stage gets; every
    /// model is warmed with this many, so memory is known at start.
    /// </summary>
    public int MaxCandidates { get; init; } = 4096;

    /// <summary>
    /// Bytes of all feature values of a request, at least 1, counted as the graph takes them: typed lists grow up to
    /// eightfold when they are decoded, and a user feature that the service repeats per candidate counts once per
    /// candidate. Default 32 MiB.
    /// </summary>
    public int MaxFeatureBytes { get; init; } = 32 << 20;

    /// <summary>
    /// Features per request, at least 1. Default 1,024. A message of nothing but empty features would otherwise cost far more
    /// memory than it has bytes.
    /// </summary>
    public int MaxFeatures { get; init; } = 1024;

    /// <summary>UTF-8 bytes of request_id, model, user_key, scenario and feature names, at least 1. Default 128.</summary>
    public int MaxTextBytes { get; init; } = 128;

    /// <summary>Largest top_k, at least 1. Default 1,000.</summary>
    public int MaxTopK { get; init; } = 1000;

    /// <summary>top_k when the request leaves it 0. Default 10.</summary>
    public int DefaultTopK { get; init; } = 10;

    /// <summary>
    /// Largest absolute or relative difference between a golden output and what this machine computes, at load.
    /// Default 1e-5: above the rounding differences between CPUs, below anything that changes a ranking.
    /// </summary>
    public double GoldenTolerance { get; init; } = 1e-5;
}

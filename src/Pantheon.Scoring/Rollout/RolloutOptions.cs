namespace Pantheon.Scoring.Rollout;

/// <summary>How versions come and go.</summary>
public sealed record RolloutOptions
{
    /// <summary>
    /// Seconds between two looks at the repository, above 0. Default 0.5: replicas that share one agree within a second, and a look is
    /// a folder's listing and one small file per model.
    /// </summary>
    public double PollSeconds { get; init; } = 0.5;

    /// <summary>
    /// Where what is declared of the models' traffic is kept. Default <see cref="TrafficTableKind.File"/>: it needs nothing but the
    /// folder that the models are in.
    /// </summary>
    public TrafficTableKind Table { get; init; } = TrafficTableKind.File;

    /// <summary>
    /// With <see cref="TrafficTableKind.Store"/>, a file of this machine's own for what was last known of it, relative to the working
    /// directory: what a replica serves by if it starts while the store is away. Default traffic-copy.json.
    /// </summary>
    public string TableCopy { get; init; } = "traffic-copy.json";

    /// <summary>
    /// Versions of a model to keep on disk; older ones without traffic are deleted. 0: all. Default 0: nobody's files are deleted
    /// unless told so. A promoter that publishes every hour wants some 50.
    /// </summary>
    public int KeepVersions { get; init; }

    /// <summary>
    /// Bytes that a model's versions may take on disk; above it the oldest without traffic are deleted until they do not. 0: as many as
    /// there are, the default. Versions with traffic are never deleted, whatever they take.
    /// </summary>
    public long KeepBytes { get; init; }

    /// <summary>When a trial is ended, or a fresh base taken back, without anybody asking.</summary>
    public GuardOptions Guard { get; init; } = new();
}

/// <summary>Where traffic tables are kept.</summary>
public enum TrafficTableKind
{
    /// <summary>In the model repository, as traffic.json beside each model's versions.</summary>
    File,

    /// <summary>In the store of exposures, which replicas share.</summary>
    Store,
}

/// <summary>
/// Bounds on a version under trial over the last minute, held against the base over the same; and on a fresh base, held against all
/// that the one before it did. Outside of one the version loses its traffic.
/// </summary>
public sealed record GuardOptions
{
    /// <summary>Whether it acts at all. Default true.</summary>
    public bool Enabled { get; init; } = true;

    /// <summary>Requests that a version must have had in the window before it is judged, at least 1. Default 100: fewer say nothing of a rate.</summary>
    public int MinRequests { get; init; } = 100;

    /// <summary>Share of failed requests (INTERNAL) above the base's that is too much, 0 to 1. Default 0.02: two in a hundred users see it.</summary>
    public double MaxErrorShare { get; init; } = 0.02;

    /// <summary>
    /// Mean time of the graph per request over the base's that is too much, above 1. Default 3: requests of both are alike, as users
    /// are drawn by hash; a network twice as large may be meant, three times as slow overloads.
    /// </summary>
    public double MaxSlowdown { get; init; } = 3;

    /// <summary>
    /// And by how many seconds per request it must be slower besides, at least 0. Default 0.002: a graph of microseconds takes three
    /// times as long on a busy machine for no fault of its own, and nobody notices.
    /// </summary>
    public double MinSlowdownSeconds { get; init; } = 0.002;

    /// <summary>
    /// Distance of the mean calibrated scores, in standard deviations of the base's, that is too much, above 0. Default 2: calibration
    /// puts it near 0. Not held against versions without a baseline.
    /// </summary>
    public double MaxMeanShift { get; init; } = 2;

    /// <summary>
    /// Ratio of the standard deviations of the calibrated scores, either way, that is too much, above 1. Default 4. A version that gives
    /// every candidate one score is outside of any bound.
    /// </summary>
    public double MaxSpreadRatio { get; init; } = 4;

    /// <summary>Seconds after its promotion for which a base is held to the bounds. Default 600; 0: not at all.</summary>
    public double BaseSeconds { get; init; } = 600;
}

using Pantheon.Bundles;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Rollout;
using Pantheon.Scoring.TopK;
using Pantheon.Serving.Exposures;
using Pantheon.Serving.Promotion;

namespace Pantheon.Serving.Configuration;

/// <summary>
/// Settings of the service: section <c>Serving</c> of appsettings.json, environment variables <c>Serving__GrpcPort</c>
/// and the like, or <c>--Serving:GrpcPort=9000</c>. Checked at start; docs/configuration.md is the reference.
/// </summary>
internal sealed record ServingOptions
{
    /// <summary>Section name.</summary>
    public const string Section = "Serving";

    /// <summary>Address that gRPC listens on. Default 127.0.0.1: nobody else's business until told otherwise; containers set 0.0.0.0.</summary>
    public string GrpcAddress { get; init; } = "127.0.0.1";

    /// <summary>Port of gRPC (cleartext HTTP/2); 0 picks a free one. Default 8500.</summary>
    public int GrpcPort { get; init; } = 8500;

    /// <summary>Address that health and metrics listen on. Default 127.0.0.1.</summary>
    public string HttpAddress { get; init; } = "127.0.0.1";

    /// <summary>Port of health and metrics (HTTP/1.1); 0 picks a free one. Default 8501.</summary>
    public int HttpPort { get; init; } = 8501;

    /// <summary>The model repository: a folder, relative to the working directory, or <c>s3://BUCKET/PREFIX</c>. Default models.</summary>
    public string ModelRepository { get; init; } = "models";

    /// <summary>How an S3-compatible store is reached, where the repository is in one.</summary>
    public S3Options S3 { get; init; } = new();

    /// <summary>Model of requests that name none. Default empty: the only model there is; with several it must be set.</summary>
    public string DefaultModel { get; init; } = "";

    /// <summary>Models to serve. Default empty: all in the repository.</summary>
    public IReadOnlyList<string> Models { get; init; } = [];

    /// <summary>
    /// Versions to load beside the default one, by model, for requests that pin them; <c>Serving:PinnedVersions:NAME:0=3</c>.
    /// Default none.
    /// </summary>
    public IReadOnlyDictionary<string, long[]> PinnedVersions { get; init; } = new Dictionary<string, long[]>();

    /// <summary>
    /// Largest message in bytes, compressed or not; above it RESOURCE_EXHAUSTED. Default 16 MiB: 4,096 candidates x 1,000
    /// floats. The common default of 4 MiB surprises people at 1,000 candidates.
    /// </summary>
    public int MaxMessageBytes { get; init; } = 16 << 20;

    /// <summary>Requests of one RankStream that are scored at the same time, at least 1. Default 64; beyond it reading pauses.</summary>
    public int MaxStreamConcurrency { get; init; } = 64;

    /// <summary>Threads that one run of a graph may use, at least 1. Default 1: most throughput and the steadiest tail.</summary>
    public int IntraOpThreads { get; init; } = 1;

    /// <summary>
    /// Seconds between readiness going off and connections being told to go away, for load balancers to notice. Default 0;
    /// in Kubernetes a little more than the readiness probe's period.
    /// </summary>
    public double DrainDelaySeconds { get; init; }

    /// <summary>Seconds that requests in flight have to finish after SIGTERM, drain delay not counted. Default 20: below the usual 30 until SIGKILL.</summary>
    public double ShutdownSeconds { get; init; } = 20;

    /// <summary>
    /// What callers of the Models service must send as <c>authorization: Bearer TOKEN</c>; set it by environment, not in a file. Default
    /// empty: whoever reaches the port may change what serves, which is why it listens on the loopback unless told otherwise.
    /// </summary>
    public string AdminToken { get; init; } = "";

    /// <summary>Whether and where answers and feedback on them are stored.</summary>
    public ExposureSettings Exposures { get; init; } = new();

    /// <summary>Requests whose answer is drawn instead of ranked.</summary>
    public ExplorationOptions Exploration { get; init; } = new();

    /// <summary>How versions come and go.</summary>
    public RolloutOptions Rollout { get; init; } = new();

    /// <summary>How versions measure their scores, and when they are calibrated by that.</summary>
    public CalibrationOptions Calibration { get; init; } = new();

    /// <summary>A promoter beside the service.</summary>
    public PromotionSettings Promotion { get; init; } = new();

    /// <summary>Limits of one request.</summary>
    public EngineOptions Limits { get; init; } = new();

    /// <summary>Concurrency and queue.</summary>
    public AdmissionOptions Admission { get; init; } = new();
}

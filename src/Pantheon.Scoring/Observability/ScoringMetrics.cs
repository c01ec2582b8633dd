using System.Diagnostics;
using System.Diagnostics.Metrics;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Observability;

/// <summary>Instruments of the scoring engine; docs/metrics.md lists them. Times are in seconds.</summary>
public sealed class ScoringMetrics : IDisposable
{
    /// <summary>The meter's name.</summary>
    public const string MeterName = "Pantheon.Scoring";

    // 50 us to 2.5 s: from a handful of candidates to far beyond any ranking deadline.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries =
            [0.00005, 0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5],
    };

    private static readonly InstrumentAdvice<int> Sizes = new() { HistogramBucketBoundaries = [1, 8, 32, 64, 128, 256, 512, 1024, 2048, 4096] };

    private static readonly InstrumentAdvice<double> Deltas = new() { HistogramBucketBoundaries = [0, 0.001, 0.003, 0.01, 0.03, 0.1, 0.3, 1, 3] };

    private static readonly InstrumentAdvice<double> Shares = new() { HistogramBucketBoundaries = [0, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.999] };

    private readonly Meter _meter;
    private readonly Counter<long> _requests;
    private readonly Histogram<double> _duration;
    private readonly Histogram<double> _stage;
    private readonly Histogram<int> _candidates;
    private readonly Counter<long> _nonFinite;
    private readonly Histogram<double> _shadowDelta;
    private readonly Histogram<double> _shadowOverlap;
    private readonly Counter<long> _shadowDropped;

    /// <summary>Creates the instruments.</summary>
    public ScoringMetrics(IMeterFactory factory, AdmissionGate gate, ModelCatalog catalog, PinnedPool memory)
    {
        _meter = factory.Create(MeterName);
        _requests = _meter.CreateCounter<long>("pantheon.requests", "{request}", "Ranking requests by outcome");
        _duration = _meter.CreateHistogram("pantheon.request.duration", "s", "Time of a request from decoding its message to its ranking, all outcomes", advice: Seconds);
        _stage = _meter.CreateHistogram("pantheon.stage.duration", "s", "Time per stage of requests that were ranked", advice: Seconds);
        _candidates = _meter.CreateHistogram("pantheon.request.candidates", "{candidate}", "Candidates per request that was ranked", advice: Sizes);
        _nonFinite = _meter.CreateCounter<long>("pantheon.scores.non_finite", "{score}", "Scores that were NaN or infinite");
        _shadowDelta = _meter.CreateHistogram(
            "pantheon.shadow.score.delta", null, "Mean absolute difference per request between the scores answered and those of the shadow", advice: Deltas);
        _shadowOverlap = _meter.CreateHistogram(
            "pantheon.shadow.overlap", null, "Share of the returned items that the shadow would have returned too", advice: Shares);
        _shadowDropped = _meter.CreateCounter<long>("pantheon.shadow.dropped", "{request}", "Requests that the shadow had no time for");
        _meter.CreateObservableGauge("pantheon.queue.length", () => gate.Waiting, "{request}", "Requests waiting for a slot");
        _meter.CreateObservableGauge("pantheon.requests.running", () => gate.Running, "{request}", "Requests holding a slot");
        _meter.CreateObservableGauge("pantheon.buffers.rented", () => memory.OutstandingBytes, "By", "Pinned memory in use by requests");
        _meter.CreateObservableGauge("pantheon.buffers.idle", () => memory.IdleBytes, "By", "Pinned memory kept for the next requests");
        _meter.CreateObservableGauge("pantheon.model.info", () => Describe(catalog), description: "1 for every loaded version");
        _meter.CreateObservableCounter("pantheon.version.requests", () => Figures(catalog, figures => figures.Requests), "{request}", "Requests that a loaded version's graph was run for");
        _meter.CreateObservableCounter("pantheon.version.failures", () => Figures(catalog, figures => figures.Failures), "{request}", "Those of them that failed by its fault");
        _meter.CreateObservableCounter("pantheon.version.run", () => Figures(catalog, figures => figures.RunSeconds), "s", "Time in a loaded version's graph");
    }

    /// <summary>Ends the instruments.</summary>
    public void Dispose() => _meter.Dispose();

    internal void Finished(string model, RankResult? result, RankFault? fault, double totalSeconds, double decodeSeconds)
    {
        var outcome = fault is null ? "ok" : Outcome(fault.Kind);
        var modelTag = new KeyValuePair<string, object?>("model", model);
        _requests.Add(1, modelTag, new("outcome", outcome));
        _duration.Record(totalSeconds, modelTag, new("outcome", outcome));
        if (result is null)
        {
            return;
        }

        _candidates.Record(result.Candidates, modelTag);
        _stage.Record(decodeSeconds, modelTag, new("stage", "decode"));
        _stage.Record(result.Seconds.Prepare, modelTag, new("stage", "prepare"));
        _stage.Record(result.Seconds.Queue, modelTag, new("stage", "queue"));
        _stage.Record(result.Seconds.Run, modelTag, new("stage", "run"));
        _stage.Record(result.Seconds.Rank, modelTag, new("stage", "rank"));
    }

    internal void NonFinite(LoadedModel model, int count) => _nonFinite.Add(count, new KeyValuePair<string, object?>("model", model.Name));

    private static string Outcome(RankFaultKind kind) => kind switch
    {
        RankFaultKind.Invalid => "invalid_argument",
        RankFaultKind.UnknownModel => "not_found",
        RankFaultKind.NotLoaded => "failed_precondition",
        RankFaultKind.Overloaded => "resource_exhausted",
        RankFaultKind.DeadlineExceeded => "deadline_exceeded",
        RankFaultKind.Cancelled => "cancelled",
        RankFaultKind.Internal => "internal",
        _ => throw new UnreachableException(),
    };

    internal void Shadowed(string model, double delta, double overlap)
    {
        var tag = new KeyValuePair<string, object?>("model", model);
        _shadowDelta.Record(delta, tag);
        _shadowOverlap.Record(overlap, tag);
    }

    internal void ShadowDropped(string model) => _shadowDropped.Add(1, new KeyValuePair<string, object?>("model", model));

    internal static string Name(ServingArm arm) => arm switch
    {
        ServingArm.Base => "base",
        ServingArm.Canary => "canary",
        ServingArm.Shadow => "shadow",
        _ => "pinned",
    };

    private static IEnumerable<Measurement<int>> Describe(ModelCatalog catalog)
    {
        foreach (var served in catalog.Models)
        {
            foreach (var model in served.Versions.Values)
            {
                yield return new Measurement<int>(
                    1,
                    new("model", model.Name),
                    new("version", model.Version),
                    new("digest", model.Bundle.Digest),
                    new("arm", Name(served.ArmOf(model))));
            }
        }
    }

    // Counted anew when a version is loaded again. Without the arm, which changes while they go on.
    private static IEnumerable<Measurement<T>> Figures<T>(ModelCatalog catalog, Func<VersionFigures, T> read)
        where T : struct
        => catalog.Models.SelectMany(served => served.Versions.Values)
            .Select(model => new Measurement<T>(read(model.Statistics.All), new("model", model.Name), new("version", model.Version)));
}

using Microsoft.Extensions.Logging;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Observability;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Rollout;
using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Engine;

/// <summary>
/// From a decoded request to a ranking: resolve the model, check and bind features, wait for a slot, run the graph on
/// the calling thread, select the top k. Calibration is applied as results are read.
/// </summary>
public sealed partial class ScoringEngine(
    ModelCatalog catalog, AdmissionGate gate, EngineOptions options, ScoringMetrics metrics, TimeProvider clock, ILogger<ScoringEngine> logger,
    ExplorationOptions? exploration = null, IRankingSink? sink = null, ShadowScorer? shadows = null)
{
    // .NET's timers count on a clock of up to 16 ms per tick.
    private const double TimerSlackSeconds = 0.016;

    // More than most requests return.
    private const int StackScores = 256;

    /// <summary>Ranks one request. Never throws for anything the request or the graph does.</summary>
    /// <param name="query">The request, which must stay alive until the result is disposed.</param>
    /// <param name="deadline">The clock's timestamp by which the answer is due; <see cref="long.MaxValue"/> for none.</param>
    /// <param name="cancellation">Cancelled when the deadline passes or the caller leaves; stops the graph.</param>
    public async ValueTask<RankOutcome> RankAsync(RankQuery query, long deadline, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        ModelLease lease = default;
        RankResult? result = null;
        RankFault? fault = query.DecodeFault;
        try
        {
            if (fault is null && catalog.TryLease(query.Model, query.Version, query.UserKey, out lease, out fault))
            {
                (result, fault) = await RankAsync(query, lease, start, deadline, cancellation).ConfigureAwait(false);
            }
        }
#pragma warning disable CA1031 // The last line of defence: whatever a request provokes, the process and the other requests go on.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogUnexpected(error, query.Model, query.RequestId);
            fault = new RankFault(RankFaultKind.Internal, "the request could not be scored; the server's log says why");
        }

        // A name that resolves to no model is the caller's text and must not become a label.
        var name = lease.Model?.Name
            ?? (fault?.Kind != RankFaultKind.NotLoaded ? "" : query.Model.Length == 0 ? catalog.DefaultModel : query.Model);
        metrics.Finished(name, result, fault, clock.GetElapsedTime(start).TotalSeconds + query.DecodeSeconds, query.DecodeSeconds);
        // What the answer still reads of the version is not in its graph.
        lease.Dispose();
        return new RankOutcome(result, fault);
    }

    private async ValueTask<RankOutcome> RankAsync(
        RankQuery query, ModelLease lease, long start, long deadline, CancellationToken cancellation)
    {
        var model = lease.Model;
        var bound = new PinnedList[model.Inputs.Length];
        var fault = CheckLimits(query);
        var candidates = 0;
        fault ??= FeatureBinder.Prepare(query, model, options, bound, out candidates);
        if (fault is not null)
        {
            return new RankOutcome(null, fault);
        }

        var prepared = clock.GetTimestamp();
        var admission = await gate.EnterAsync(model.ServiceTimes.Estimate(candidates), deadline, cancellation).ConfigureAwait(false);
        if (admission.Outcome != AdmissionOutcome.Admitted)
        {
            return new RankOutcome(null, Refusal(admission, deadline));
        }

        var admitted = clock.GetTimestamp();
        RankResult? result = null;
        var handedOver = false;
        try
        {
            result = new RankResult(query, model, lease.Arm, candidates);
            if (!Run(model, bound, result, cancellation))
            {
                model.ServiceTimes.RecordStopped(candidates, clock.GetElapsedTime(admitted).TotalSeconds);
                fault = TooLate(deadline);
            }
            else
            {
                var ran = clock.GetTimestamp();
                fault = CheckScores(result);
                if (fault is null)
                {
                    Select(result);
                    var ranked = clock.GetTimestamp();
                    model.ServiceTimes.Record(candidates, clock.GetElapsedTime(admitted, ranked).TotalSeconds);
                    Measure(result, clock.GetElapsedTime(admitted, ran).TotalSeconds);
                    result.Seconds = new StageSeconds
                    {
                        Prepare = clock.GetElapsedTime(start, prepared).TotalSeconds,
                        Queue = clock.GetElapsedTime(prepared, admitted).TotalSeconds,
                        Run = clock.GetElapsedTime(admitted, ran).TotalSeconds,
                        Rank = clock.GetElapsedTime(ran, ranked).TotalSeconds,
                    };
                    sink?.Ranked(result);
                    shadows?.Offer(result, lease.Served);
                    handedOver = true;
                    return new RankOutcome(result, null);
                }
            }
        }
        catch (GraphException error)
        {
            LogGraphFailed(error, model.Name, model.Version, query.RequestId);
            fault = new RankFault(RankFaultKind.Internal, $"model '{model.Name}' version {model.Version}: the graph failed: {error.Message}");
        }
        finally
        {
            gate.Leave(admission.Slot);
            if (fault?.Kind == RankFaultKind.Internal)
            {
                model.Statistics.Add(new VersionFigures { Requests = 1, Failures = 1 }, scale: 0);
            }

            if (!handedOver)
            {
                result?.Dispose();
            }
        }

        return new RankOutcome(null, fault);
    }

    internal static bool Run(LoadedModel model, PinnedList[] bound, RankResult result, CancellationToken cancellation)
    {
        using var run = model.Session.Rent();
        FeatureBinder.Bind(run, model, bound, result.Candidates);
        for (var i = 0; i < model.Outputs.Length; i++)
        {
            var output = model.Outputs[i];
            var address = result.RentOutput(i, checked(result.Candidates * output.Columns * sizeof(float)));
            run.BindOutput(i, address, output.ShapeTemplate, output.CandidateAxis, result.Candidates);
        }

        // Disposed before the run goes back to its session: a late cancellation must not stop somebody else's request.
        using var registration = cancellation.UnsafeRegister(static run => ((GraphRun)run!).Terminate(), run);
        return run.Execute();
    }

    // Who pins a version or wants all compares models, and is shown what they say.
    private void Select(RankResult result)
    {
        var query = result.Query;
        var k = query.WantAll ? result.Candidates : query.TopK == 0 ? options.DefaultTopK : query.TopK;
        if (exploration is { Share: > 0 } && query.Version == 0 && !query.WantAll && Random.Shared.NextDouble() < exploration.Share)
        {
            result.Explore(k, exploration.Depth, Random.Shared);
        }
        else
        {
            result.Select(k);
        }
    }

    // What the version is told of a request that it scored.
    internal static void Measure(RankResult result, double runSeconds)
    {
        // What was drawn says how the model's candidates score, and not how those do that it puts before users.
        var scores = result.Explored ? default : Returned(result);
        // Who pins a version looks at it: such requests are no sample of the traffic.
        if (result.Arm != ServingArm.Pinned)
        {
            result.Calibration.Stream.Add(scores);
        }

        // As they are answered.
        var answered = result.Calibrator is { } calibrator ? calibrator.Apply(scores) : scores;
        result.Model.Statistics.Add(new VersionFigures { Requests = 1, RunSeconds = runSeconds, Scores = answered }, result.Scale);
    }

    // Only what is returned competes with other sources for places. Models differ in how far their best are from the rest, so that moments of
    // all candidates would not align what is seen.
    private static ScoreMoments Returned(RankResult result)
    {
        var keys = result.Keys;
        var scores = keys.Length <= StackScores ? stackalloc float[StackScores] : new float[keys.Length];
        for (var rank = 0; rank < keys.Length; rank++)
        {
            scores[rank] = result.Scores[TopKSelector.Position(keys[rank])];
        }

        return ScoreMoments.Of(scores[..keys.Length]);
    }

    private RankFault? CheckLimits(RankQuery query)
    {
        // Who wants all gets all, whatever top_k says.
        if (!query.WantAll && (query.TopK < 0 || query.TopK > options.MaxTopK))
        {
            return RankFault.Invalid("top_k", $"{query.TopK}", $"0 (the default, {options.DefaultTopK}) to {options.MaxTopK}");
        }

        var bytes = query.FeatureBytes;
        return bytes > options.MaxFeatureBytes
            ? RankFault.Invalid("user_features and candidate_features", $"{bytes} bytes of values", $"at most {options.MaxFeatureBytes}")
            : null;
    }

    private RankFault? CheckScores(RankResult result)
    {
        List<int>? bad = null;
        var scores = result.Scores;
        for (var i = 0; i < scores.Length; i++)
        {
            if (!float.IsFinite(scores[i]))
            {
                (bad ??= []).Add(i);
            }
        }

        if (bad is null)
        {
            return null;
        }

        var model = result.Model;
        metrics.NonFinite(model, bad.Count);
        if (model.Bundle.Manifest.NonFiniteScores == NonFiniteScores.Drop)
        {
            result.Dropped = bad;
            return null;
        }

        var first = bad[0];
        var ids = result.Query.Ids.Span<long>();
        var id = ids.Length > first ? $" (id {ids[first]})" : "";
        var score = scores[first].ToString(System.Globalization.CultureInfo.InvariantCulture);
        return new RankFault(
            RankFaultKind.Internal,
            $"model '{model.Name}' version {model.Version}: score of the candidate at position {first}{id} is {score}, expected a finite number");
    }

    private RankFault Refusal(AdmissionDecision admission, long deadline) => admission.Outcome switch
    {
        AdmissionOutcome.QueueFull => Overloaded("the queue is full", admission.WaitSeconds),
        AdmissionOutcome.TooLate => Overloaded("it would not be ranked before its deadline", admission.WaitSeconds),
        _ => TooLate(deadline),
    };

    private static RankFault Overloaded(string reason, double waitSeconds)
    {
        var retryAfter = TimeSpan.FromSeconds(Math.Max(waitSeconds, 0.001));
        return new RankFault(RankFaultKind.Overloaded, $"overloaded: {reason}; try again in {Math.Ceiling(retryAfter.TotalMilliseconds)} ms", retryAfter);
    }

    // A token cancelled this close to the deadline was cancelled by it: timers tick coarsely and may fire early.
    private RankFault TooLate(long deadline) => deadline - clock.GetTimestamp() <= TimerSlackSeconds * clock.TimestampFrequency
        ? new RankFault(RankFaultKind.DeadlineExceeded, "the deadline passed before the answer was ready")
        : new RankFault(RankFaultKind.Cancelled, "the caller left");

    [LoggerMessage(EventId = 1001, Level = LogLevel.Error, Message = "Request {RequestId} to model '{Model}' ended in an unexpected error")]
    private partial void LogUnexpected(Exception error, string model, string requestId);

    [LoggerMessage(EventId = 1002, Level = LogLevel.Error, Message = "The graph of model '{Model}' version {Version} failed on request {RequestId}")]
    private partial void LogGraphFailed(Exception error, string model, long version, string requestId);
}

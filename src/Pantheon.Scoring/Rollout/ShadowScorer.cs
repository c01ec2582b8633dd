using System.Threading.Channels;
using Microsoft.Extensions.Logging;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Observability;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// Scores requests a second time with a version that never answers, and compares. On one thread of its own, where a
/// processor is idle, and only while most slots are free: what there is no such time for it passes over and counts, so that no answer waits for it.
/// </summary>
public sealed partial class ShadowScorer : IDisposable
{
    // A little more than one thread gets through in a moment of quiet. What is older than that is no longer worth the memory.
    private const int Waiting = 64;

    private readonly Channel<Job> _jobs = Channel.CreateBounded<Job>(new BoundedChannelOptions(Waiting) { SingleReader = true });
    private readonly Func<ReadOnlyMemory<byte>, RankQuery> _decode;
    private readonly EngineOptions _options;
    private readonly AdmissionGate _gate;
    private readonly ScoringMetrics _metrics;
    private readonly TimeProvider _clock;
    private readonly ILogger<ShadowScorer> _logger;
    private readonly Thread _thread;

    /// <param name="decode">Reads an encoded RankRequest.</param>
    public ShadowScorer(
        Func<ReadOnlyMemory<byte>, RankQuery> decode, EngineOptions options, AdmissionGate gate, ScoringMetrics metrics, TimeProvider clock, ILogger<ShadowScorer> logger)
    {
        (_decode, _options, _gate, _metrics, _clock, _logger) = (decode, options, gate, metrics, clock, logger);
        _thread = new Thread(Run) { IsBackground = true, Name = "shadow" };
        _thread.Start();
    }

    /// <summary>Takes a ranking to be compared, if there is a shadow and the request is in its share.</summary>
    /// <param name="result">The ranking, which may be disposed once this returns.</param>
    /// <param name="served">What was served when it was ranked.</param>
    public void Offer(RankResult result, ServedModel served)
    {
        // A request that pins a version is about that version.
        if (served.Shadow is not { } shadow || result.Arm == ServingArm.Pinned || result.Query.Payload.IsEmpty || Random.Shared.NextDouble() * 100 >= served.ShadowPercent)
        {
            return;
        }

        // Whoever waits does so for all slots: nothing need be copied to be passed over later.
        if (_gate.Waiting > 0 || !shadow.TryLease())
        {
            _metrics.ShadowDropped(served.Name);
            return;
        }

        var job = new Job(shadow, result.Query.Payload, result.Scores.ToArray(), result.Calibrator is null ? null : result.Calibrator.Apply, result.Count);
        if (!_jobs.Writer.TryWrite(job))
        {
            shadow.Return();
            _metrics.ShadowDropped(served.Name);
        }
    }

    /// <summary>Ends the thread.</summary>
    public void Dispose()
    {
        _jobs.Writer.TryComplete();
        _thread.Join();
    }

    private void Run()
    {
        ThreadPriorities.OnlyWhenIdle();
        while (_jobs.Reader.WaitToReadAsync().AsTask().GetAwaiter().GetResult())
        {
            while (_jobs.Reader.TryRead(out var job))
            {
                try
                {
                    if (!_gate.IsQuiet)
                    {
                        _metrics.ShadowDropped(job.Shadow.Name);
                        continue;
                    }

                    Score(job);
                }
#pragma warning disable CA1031 // A shadow that breaks is a finding, and no reason to stop comparing.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    job.Shadow.Statistics.Add(new VersionFigures { Requests = 1, Failures = 1 }, scale: 0);
                    LogFailed(error, job.Shadow.Name, job.Shadow.Version);
                }
                finally
                {
                    job.Shadow.Return();
                }
            }
        }
    }

    private void Score(Job job)
    {
        using var query = _decode(job.Request);
        var shadow = job.Shadow;
        var start = _clock.GetTimestamp();
        using var result = DirectScoring.Score(query, shadow, _options, job.Returned);
        ScoringEngine.Measure(result, _clock.GetElapsedTime(start).TotalSeconds);
        _metrics.Shadowed(shadow.Name, Delta(job, result), Overlap(job, result));
    }

    // Mean absolute difference of the scores as they would be answered.
    private static double Delta(Job job, RankResult result)
    {
        var sum = 0.0;
        for (var i = 0; i < job.Scores.Length; i++)
        {
            var answered = job.Calibrate?.Invoke(job.Scores[i]) ?? job.Scores[i];
            var shadowed = result.Calibrator?.Apply(result.Scores[i]) ?? result.Scores[i];
            sum += Math.Abs(answered - shadowed);
        }

        return sum / job.Scores.Length;
    }

    // Share of the top that both have.
    private static double Overlap(Job job, RankResult result)
    {
        var keys = new ulong[Math.Max(1, job.Returned)];
        var count = TopKSelector.Select(job.Scores, job.Returned, keys);
        var top = new HashSet<int>();
        foreach (var key in keys.AsSpan(0, count))
        {
            top.Add(TopKSelector.Position(key));
        }

        var both = 0;
        foreach (var key in result.Keys)
        {
            both += top.Contains(TopKSelector.Position(key)) ? 1 : 0;
        }

        return count == 0 ? 1 : (double)both / count;
    }

    [LoggerMessage(EventId = 1004, Level = LogLevel.Warning, Message = "Model '{Model}' version {Version} could not score a request as a shadow; it answered nobody")]
    private partial void LogFailed(Exception error, string model, long version);

    private sealed record Job(LoadedModel Shadow, ReadOnlyMemory<byte> Request, float[] Scores, Func<float, float>? Calibrate, int Returned);
}

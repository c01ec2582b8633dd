using System.Collections.Concurrent;
using System.Globalization;
using Grpc.Core;

namespace Pantheon.Load;

/// <summary>What an open-loop run saw.</summary>
internal sealed class LoadReport(double perSecond, TimeSpan duration)
{
    private readonly ConcurrentDictionary<StatusCode, int> _statuses = new();
    private readonly ConcurrentQueue<double> _seconds = new();
    private double[] _sorted = [];
    private readonly TaskCompletionSource _complete = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private TimeSpan _elapsed;
    private int _done;
    private int _awaited = -1;

    /// <summary>Requests that were answered, with any status.</summary>
    public int Total => _statuses.Values.Sum();

    /// <summary>Requests whose status was not OK.</summary>
    public int Failed => Total - _statuses.GetValueOrDefault(StatusCode.OK);

    /// <summary>The longest time that the client itself stood still.</summary>
    public TimeSpan LongestPause { get; private set; }

    /// <summary>Requests that failed in another way than by overload.</summary>
    public int FailedOtherwise => Failed - _statuses.GetValueOrDefault(StatusCode.ResourceExhausted) - _statuses.GetValueOrDefault(StatusCode.DeadlineExceeded);

    /// <summary>Count of each status.</summary>
    public IReadOnlyDictionary<StatusCode, int> Statuses => _statuses;

    /// <summary>A latency percentile over all requests, in seconds, counted from when each was due.</summary>
    public double Percentile(double p) => _sorted.Length == 0 ? 0 : _sorted[Math.Min(_sorted.Length - 1, (int)(p / 100 * _sorted.Length))];

    /// <inheritdoc/>
    public override string ToString() => string.Create(
        CultureInfo.InvariantCulture,
        $"{Total} requests at {perSecond:F0}/s over {duration.TotalSeconds:F0} s (all answered after {_elapsed.TotalSeconds:F1} s): {string.Join(", ", _statuses.OrderBy(pair => pair.Key).Select(pair => $"{pair.Value} {pair.Key}"))}; latency from due time p50 {Percentile(50) * 1e3:F2} ms, p99 {Percentile(99) * 1e3:F2} ms, max {Percentile(100) * 1e3:F2} ms; longest pause of this client {LongestPause.TotalMilliseconds:F0} ms");

    internal void Add(StatusCode status, double seconds)
    {
        _statuses.AddOrUpdate(status, 1, static (_, count) => count + 1);
        _seconds.Enqueue(seconds);
        if (Interlocked.Increment(ref _done) == Volatile.Read(ref _awaited))
        {
            _complete.TrySetResult();
        }
    }

    internal void Paused(TimeSpan pause) => LongestPause = pause > LongestPause ? pause : LongestPause;

    internal Task WaitForAsync(int total)
    {
        Interlocked.Exchange(ref _awaited, total);
        if (Volatile.Read(ref _done) == total)
        {
            _complete.TrySetResult();
        }

        return _complete.Task;
    }

    internal void Finish(TimeSpan elapsed)
    {
        _elapsed = elapsed;
        _sorted = [.. _seconds.Order()];
    }
}

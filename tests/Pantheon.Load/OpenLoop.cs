using System.Diagnostics;
using Grpc.Core;

namespace Pantheon.Load;

/// <summary>
/// Fires requests at a fixed rate, evenly spaced, whatever comes back: a slow server makes requests pile up instead of
/// making the client wait, as real traffic does. Latency counts from when a request was due, not from when it was sent,
/// so that a stall is charged to every request it delays.
/// </summary>
internal static class OpenLoop
{
    /// <summary>Callers that measure the capacity: enough to keep a small machine busy, few enough not to queue.</summary>
    public const int CapacityWorkers = 8;

    private const int CapacityLooks = 5;

    /// <summary>Runs at <paramref name="perSecond"/> requests a second for <paramref name="duration"/>.</summary>
    /// <param name="rank">Sends request number n.</param>
    public static async Task<LoadReport> RunAsync(Func<int, Task<StatusCode>> rank, double perSecond, TimeSpan duration, CancellationToken cancellation)
    {
        var report = new LoadReport(perSecond, duration);
        var start = Stopwatch.GetTimestamp();
        var total = (int)(perSecond * duration.TotalSeconds);
        // Whatever is due is sent at each tick; ticks of a millisecond are finer than the latencies that matter here.
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(1));
        for (var next = 0; next < total;)
        {
            var tick = Stopwatch.GetTimestamp();
            await timer.WaitForNextTickAsync(cancellation);
            report.Paused(Stopwatch.GetElapsedTime(tick));
            var due = Math.Min(total, (int)(Stopwatch.GetElapsedTime(start).TotalSeconds * perSecond));
            for (; next < due; next++)
            {
                _ = OneAsync(rank, next, start + (long)(next / perSecond * Stopwatch.Frequency), report);
            }
        }

        // Every call has a deadline, so every call ends.
        await report.WaitForAsync(total);
        report.Finish(Stopwatch.GetElapsedTime(start));
        return report;
    }

    /// <summary>Requests a second that <paramref name="workers"/> callers reach who each wait for their answer: the capacity.</summary>
    public static async Task<double> MeasureCapacityAsync(Func<int, Task<StatusCode>> rank, int workers, TimeSpan duration)
    {
        var done = 0;
        var next = 0;
        var start = Stopwatch.GetTimestamp();
        await Task.WhenAll(Enumerable.Range(0, workers).Select(async _ =>
        {
            while (Stopwatch.GetElapsedTime(start) < duration)
            {
                if (await rank(Interlocked.Increment(ref next)) == StatusCode.OK)
                {
                    Interlocked.Increment(ref done);
                }
            }
        }));
        return done / Stopwatch.GetElapsedTime(start).TotalSeconds;
    }

    /// <summary>The capacity with few callers, of several short looks the worst: a shared machine's speed changes from one second to the next.</summary>
    /// <param name="duration">Of all the looks.</param>
    public static async Task<double> MeasureSteadyCapacityAsync(Func<int, Task<StatusCode>> rank, TimeSpan duration)
    {
        var capacity = double.MaxValue;
        for (var look = 0; look < CapacityLooks; look++)
        {
            capacity = Math.Min(capacity, await MeasureCapacityAsync(rank, CapacityWorkers, duration / CapacityLooks));
        }

        return capacity;
    }

    private static async Task OneAsync(Func<int, Task<StatusCode>> rank, int number, long due, LoadReport report)
    {
        var status = await rank(number);
        report.Add(status, Stopwatch.GetElapsedTime(due).TotalSeconds);
    }
}

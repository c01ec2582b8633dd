using System.Globalization;
using Grpc.Core;

namespace Pantheon.Load;

/// <summary>
/// A soak: warm up, measure the capacity, then run at a share of it and watch the server's resident memory: its mean in
/// the last part may be at most 1.05 times that in the first part after warm-up.
/// </summary>
internal sealed class Soak(RawScoring client, byte[] request, TimeSpan timeout)
{
    /// <summary>How much resident memory may grow, from the first part to the last.</summary>
    public const double AllowedGrowth = 1.05;

    private static readonly TimeSpan LongestFairPause = TimeSpan.FromMilliseconds(250);

    /// <summary>
    /// Callers of the burst that comes first: pools, threads and connections get the size that a stall of the machine would
    /// give them later, so that memory is compared between two states after it.
    /// </summary>
    private const int BurstWorkers = 256;

    private static readonly TimeSpan Burst = TimeSpan.FromSeconds(3);

    /// <summary>Runs it and prints what it saw.</summary>
    public async Task<SoakResult> RunAsync(double? perSecond, double share, TimeSpan warmUp, TimeSpan duration, int? pid, TextWriter output)
    {
        await OpenLoop.MeasureCapacityAsync(Rank, BurstWorkers, Burst);
        if (perSecond is null)
        {
            var capacity = await OpenLoop.MeasureSteadyCapacityAsync(Rank, warmUp);
            perSecond = capacity * share;
            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture, $"capacity {capacity:F0} requests/s with {OpenLoop.CapacityWorkers} callers that wait; running at {share:P0} of it"));
        }

        await OpenLoop.RunAsync(Rank, perSecond.Value, warmUp, CancellationToken.None);
        await using var memory = pid is null ? null : new ResidentMemory(pid.Value);
        var report = await OpenLoop.RunAsync(Rank, perSecond.Value, duration, CancellationToken.None);
        await output.WriteLineAsync(report.ToString());
        var result = report.Failed == 0 ? SoakResult.Passed : report.FailedOtherwise == 0 ? SoakResult.Overloaded : SoakResult.Failed;
        if (memory is not null)
        {
            // A minute at each end of a long run; a sixth of a short one.
            var part = Math.Min(TimeSpan.FromMinutes(1).TotalSeconds, duration.TotalSeconds / 6);
            var (first, last) = (memory.Mean(0, part), memory.Mean(duration.TotalSeconds - part, duration.TotalSeconds));
            var grown = last / first;
            if (result == SoakResult.Passed && grown > AllowedGrowth)
            {
                // A client that stood still sends all that was due at once: memory for that burst is no leak.
                result = report.LongestPause > LongestFairPause ? SoakResult.Overloaded : SoakResult.Failed;
            }

            await output.WriteLineAsync(string.Create(
                CultureInfo.InvariantCulture,
                $"resident memory: {first / 1048576:F1} MiB in the first {part:F0} s, {last / 1048576:F1} MiB in the last: ratio {grown:F3} (at most {AllowedGrowth})"));
        }

        await output.WriteLineAsync(result switch
        {
            SoakResult.Passed => "soak: passed",
            SoakResult.Overloaded => "soak: OVERLOADED: the machine did not keep up with half of what it had just shown; nothing can be said",
            _ => "soak: FAILED",
        });
        return result;
    }

    private Task<StatusCode> Rank(int sequence) => client.RankAsync(sequence, request, timeout);
}

/// <summary>How a soak ended.</summary>
internal enum SoakResult
{
    /// <summary>No request failed, and memory stayed.</summary>
    Passed,

    /// <summary>A request failed, or memory grew beyond the bound.</summary>
    Failed,

    /// <summary>
    /// Requests were refused or late, and none failed in another way: the rate was above what the machine could do by then,
    /// so it was no soak at half of capacity.
    /// </summary>
    Overloaded,
}

using System.Numerics;

namespace Pantheon.Scoring.Admission;

/// <summary>
/// Recent service times of one model by size bucket (candidates, rounded up to a power of two): mean and p95, from a
/// log-spaced histogram whose counts are halved every second, once there are <see cref="FewestSamples"/>, and every
/// <see cref="HalvingSamples"/> samples: a slow second is forgotten within five, whatever the traffic.
/// </summary>
public sealed class ServiceTimes(TimeProvider clock)
{
    /// <summary>Samples after which a bucket's history counts half.</summary>
    public const int HalvingSamples = 512;

    /// <summary>Samples below which a bucket's history is not halved by time: fewer would leave the p95 to chance.</summary>
    public const int FewestSamples = 64;

    private const int SizeBuckets = 32;

    private readonly Bucket?[] _buckets = new Bucket?[SizeBuckets];

    /// <summary>Adds one observation.</summary>
    /// <param name="candidates">Candidates of the request, at least 1.</param>
    /// <param name="seconds">Time from getting a slot to giving it back.</param>
    public void Record(int candidates, double seconds)
    {
        var index = IndexOf(candidates);
        var bucket = _buckets[index] ?? Interlocked.CompareExchange(ref _buckets[index], new Bucket(), null) ?? _buckets[index]!;
        bucket.Record(seconds, clock.GetTimestamp(), clock.TimestampFrequency);
    }

    /// <summary>
    /// Adds a run that was stopped before it was done. How long it would have taken is unknown, so it counts only where
    /// it already took longer than the p95: without it a model that became slower than its deadlines would be
    /// remembered as fast, because only its fast runs are ever done.
    /// </summary>
    /// <param name="candidates">Candidates of the request, at least 1.</param>
    /// <param name="seconds">Time from getting a slot to giving it back.</param>
    public void RecordStopped(int candidates, double seconds)
    {
        if (_buckets[IndexOf(candidates)]?.Estimate is { } estimate && seconds > estimate.P95)
        {
            Record(candidates, seconds);
        }
    }

    /// <summary>
    /// What a request of this size is expected to take. A size never seen borrows from the nearest size seen, scaled
    /// by the ratio of sizes when that one is smaller.
    /// </summary>
    public ServiceTimeEstimate Estimate(int candidates)
    {
        var index = IndexOf(candidates);
        for (var distance = 0; distance < SizeBuckets; distance++)
        {
            if (index + distance < SizeBuckets && _buckets[index + distance]?.Estimate is { } larger)
            {
                return larger;
            }

            if (distance > 0 && index - distance >= 0 && _buckets[index - distance]?.Estimate is { } smaller)
            {
                var scale = (double)(1 << Math.Min(distance, 30));
                return smaller with { Mean = smaller.Mean * scale, P95 = smaller.P95 * scale };
            }
        }

        return default;
    }

    private static int IndexOf(int candidates) => candidates <= 1 ? 0 : BitOperations.Log2((uint)candidates - 1) + 1;

    private sealed class Bucket
    {
        // 10 us x 1.15^i: bucket 119 ends above two minutes. The width bounds the error of the p95 to 15 %.
        private const double Smallest = 1e-5;
        private const double Ratio = 1.15;
        private const int Count = 120;

        private static readonly double[] Bounds = CreateBounds();

        private readonly Lock _lock = new();
        private readonly int[] _counts = new int[Count];
        private readonly EstimateProbe _probe = new();
        private int _samples;
        private int _total;
        private double _mean;
        private long _newest;
        private long _halved;
        private volatile Moments? _moments;

        public ServiceTimeEstimate? Estimate => _moments is { } moments
            ? new ServiceTimeEstimate(moments.Mean, moments.P95, Volatile.Read(ref _newest), _probe)
            : null;

        public void Record(double seconds, long now, long second)
        {
            lock (_lock)
            {
                if (_samples == 0)
                {
                    _halved = now;
                }

                var probed = _probe.IsOut && _probe.TryEnd();
                if (probed)
                {
                    // The history refused traffic for long enough that nothing renewed it. With every probe it counts
                    // half, so that a model that has recovered is believed within a few probes.
                    Halve(now);
                }

                var index = Array.BinarySearch(Bounds, seconds);
                _counts[Math.Min(index >= 0 ? index : ~index, Count - 1)]++;
                _total++;
                _mean += (seconds - _mean) / Math.Min(_total, HalvingSamples);
                if (_total >= 2 * HalvingSamples || (_total >= FewestSamples && now - _halved >= second))
                {
                    Halve(now);
                }

                // Read far more often than it moves: renewed while it is young, then every 8 samples. Its age is that of
                // the newest sample all the same.
                Volatile.Write(ref _newest, now);
                if (_samples++ < 32 || _samples % 8 == 0 || probed)
                {
                    _moments = new Moments(_mean, Percentile95());
                }
            }
        }

        private static double[] CreateBounds()
        {
            var bounds = new double[Count];
            for (var i = 0; i < Count; i++)
            {
                bounds[i] = Smallest * Math.Pow(Ratio, i);
            }

            return bounds;
        }

        private void Halve(long now)
        {
            _halved = now;
            _total = 0;
            for (var i = 0; i < Count; i++)
            {
                _counts[i] /= 2;
                _total += _counts[i];
            }
        }

        private double Percentile95()
        {
            var above = _total - (int)Math.Ceiling(0.95 * _total);
            for (var i = Count - 1; i >= 0; i--)
            {
                above -= _counts[i];
                if (above < 0)
                {
                    return Bounds[i];
                }
            }

            return 0;
        }
    }

    private sealed record Moments(double Mean, double P95);
}

/// <summary>Expected service time of a size bucket, in seconds; default: nothing is known yet.</summary>
/// <param name="Mean">Mean.</param>
/// <param name="P95">95th percentile, rounded up to at most 15 % above.</param>
/// <param name="Timestamp">Of its newest sample, in the clock's ticks.</param>
/// <param name="Probe">Who may test it once it is old; null: anybody.</param>
public readonly record struct ServiceTimeEstimate(double Mean, double P95, long Timestamp, EstimateProbe? Probe = null)
{
    /// <summary>Whether anything was observed.</summary>
    public bool IsKnown => P95 > 0;
}

/// <summary>
/// Lets one request at a time through against an estimate that has grown old, so that a burst after a pause is still
/// judged by what is known while one of it finds out whether that still holds.
/// </summary>
public sealed class EstimateProbe
{
    private long _taken = long.MinValue;
    private int _out;

    internal bool IsOut => Volatile.Read(ref _out) != 0;

    /// <summary>Takes the probe, unless one was taken less than a lifetime ago.</summary>
    /// <param name="now">The clock's timestamp.</param>
    /// <param name="lifetime">In the clock's ticks.</param>
    public bool TryTake(long now, long lifetime)
    {
        var taken = Volatile.Read(ref _taken);
        if ((taken != long.MinValue && now - taken <= lifetime) || Interlocked.CompareExchange(ref _taken, now, taken) != taken)
        {
            return false;
        }

        Volatile.Write(ref _out, 1);
        return true;
    }

    /// <summary>A sample has come; true if a probe was out.</summary>
    internal bool TryEnd() => Interlocked.Exchange(ref _out, 0) != 0;
}

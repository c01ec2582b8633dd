using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Rollout;

/// <summary>What became of a version's requests in a stretch of time.</summary>
public readonly record struct VersionFigures
{
    /// <summary>Requests that its graph was run for.</summary>
    public long Requests { get; init; }

    /// <summary>Those that failed by its fault.</summary>
    public long Failures { get; init; }

    /// <summary>Seconds in its graph, summed over the requests that did not fail.</summary>
    public double RunSeconds { get; init; }

    /// <summary>Its scores as they were answered, calibrated where it has a baseline.</summary>
    public ScoreMoments Scores { get; init; }

    /// <summary>Share of the requests that failed; 0 without requests.</summary>
    public double ErrorShare => Requests == 0 ? 0 : (double)Failures / Requests;

    /// <summary>Mean seconds in the graph per request that did not fail; 0 without any.</summary>
    public double MeanRunSeconds => Requests > Failures ? RunSeconds / (Requests - Failures) : 0;

    /// <summary>Both taken together.</summary>
    public static VersionFigures operator +(VersionFigures one, VersionFigures other) => Add(one, other);

    /// <summary>Both taken together.</summary>
    public static VersionFigures Add(VersionFigures left, VersionFigures right) => new()
    {
        Requests = left.Requests + right.Requests,
        Failures = left.Failures + right.Failures,
        RunSeconds = left.RunSeconds + right.RunSeconds,
        Scores = left.Scores + right.Scores,
    };
}

/// <summary>Figures of a version over the last minute, in steps of five seconds, and since it was loaded. Safe for use by many threads.</summary>
/// <param name="clock">For the steps.</param>
public sealed class VersionStatistics(TimeProvider clock)
{
    private const int Steps = 12;
    private const int SecondsPerStep = 5;

    private readonly Lock _lock = new();
    private readonly (long Step, VersionFigures Figures)[] _recent = new (long, VersionFigures)[Steps];
    private VersionFigures _all;
    private int _scale;

    /// <summary>Since it was loaded.</summary>
    public VersionFigures All
    {
        get
        {
            lock (_lock)
            {
                return _all;
            }
        }
    }

    /// <summary>Over the last minute.</summary>
    public VersionFigures Recent
    {
        get
        {
            lock (_lock)
            {
                var now = Now;
                var sum = default(VersionFigures);
                foreach (var (step, figures) in _recent)
                {
                    if (now - step < Steps)
                    {
                        sum += figures;
                    }
                }

                return sum;
            }
        }
    }

    private long Now => clock.GetTimestamp() / clock.TimestampFrequency / SecondsPerStep;

    /// <summary>The scale of its scores, as <see cref="VersionCalibration.Scale"/> counts them.</summary>
    public int Scale
    {
        get
        {
            lock (_lock)
            {
                return _scale;
            }
        }
    }

    // Scores of an older scale than others are left out, and make way for those of a newer one: a mean over two is neither's.
    internal void Add(VersionFigures figures, int scale)
    {
        lock (_lock)
        {
            if (scale > _scale)
            {
                _scale = scale;
                _all = _all with { Scores = default };
                foreach (ref var old in _recent.AsSpan())
                {
                    old.Figures = old.Figures with { Scores = default };
                }
            }
            else if (scale < _scale)
            {
                figures = figures with { Scores = default };
            }

            var now = Now;
            ref var slot = ref _recent[now % Steps];
            slot = (now, slot.Step == now ? slot.Figures + figures : figures);
            _all += figures;
        }
    }
}

using System.Collections.Frozen;
using Pantheon.Bundles;

namespace Pantheon.Scoring.Calibration;

/// <summary>
/// How one loaded version's scores are calibrated: what it measures of them, what its bundle says of them, and the baseline. Requests read
/// one immutable slot; <see cref="Update"/> replaces all slots at once. Safe for use by many threads.
/// </summary>
/// <remarks>
/// Own moments and baseline always come as a pair that is meant to be of the same kind of scores, those that are returned: the bundle's own with its baseline, or, under a frozen
/// baseline, what the version measured in service; its bundle's until that is trusted.
/// </remarks>
public sealed class VersionCalibration
{
    // Of a float's 24 bits: scores that differ by less than that are one score, whatever the sums say.
    private const double Resolution = 1.0 / (1 << 23);

    private readonly CalibrationSpec? _bundle;
    private readonly CalibrationOptions _options;
    private readonly TimeProvider _clock;
    private readonly Lock _updating = new();
    private IReadOnlyCollection<OtherMoments> _others = [];
    private long _othersAt;
    private volatile State _state;

    /// <param name="bundle">What the bundle's manifest says; null: nothing.</param>
    /// <param name="baseline">The model's frozen baseline; null: none.</param>
    public VersionCalibration(CalibrationSpec? bundle, FrozenBaseline? baseline, CalibrationOptions options, TimeProvider clock)
    {
        (_bundle, _options, _clock) = (bundle, options, clock);
        From = clock.GetUtcNow();
        _state = new State(0, null, new CalibrationSlot("", new MomentStream(options.HalfLifeSeconds, clock)), FrozenDictionary<string, CalibrationSlot>.Empty);
        Update(baseline);
    }

    /// <summary>Tells it from every other loading of the same version, here and elsewhere.</summary>
    public string Id { get; } = Guid.NewGuid().ToString("N");

    /// <summary>When it was loaded, and measuring began here.</summary>
    public DateTimeOffset From { get; }

    /// <summary>When measuring began, here or elsewhere.</summary>
    public DateTimeOffset MeasuredFrom
    {
        get
        {
            lock (_updating)
            {
                return _others.Select(other => other.From).Append(From).Min();
            }
        }
    }

    /// <summary>
    /// One more whenever scores jump: another baseline, calibrated for the first time, or by its own moments for the first time. Scores of two
    /// scales say nothing of each other.
    /// </summary>
    public int Scale => _state.Scale;

    /// <summary>The frozen baseline that it is calibrated to; null: its bundle's, if that has one.</summary>
    public FrozenBaseline? Baseline => _state.Baseline;

    /// <summary>Whether requests without a scenario are answered on a baseline's scale.</summary>
    public bool IsCalibrated => _state.Default.Calibrator is not null;

    /// <summary>All slots, the default first, then by scenario.</summary>
    public IReadOnlyList<CalibrationSlot> Slots
    {
        get
        {
            var state = _state;
            return [state.Default, .. state.Scenarios.Values.OrderBy(slot => slot.Scenario, StringComparer.Ordinal)];
        }
    }

    /// <summary>What calibrates and measures a scenario; names that nobody configured share the default.</summary>
    public CalibrationSlot Slot(string scenario)
    {
        var state = _state;
        return state.Scenarios.TryGetValue(scenario, out var slot) ? slot : state.Default;
    }

    /// <summary>The same with the <see cref="Scale"/> that it belongs to, read together.</summary>
    internal CalibrationSlot Slot(string scenario, out int scale)
    {
        var state = _state;
        scale = state.Scale;
        return state.Scenarios.TryGetValue(scenario, out var slot) ? slot : state.Default;
    }

    /// <summary>What was measured elsewhere, in the place of what was said before; it counts from the next update on.</summary>
    public void SetOthers(IReadOnlyCollection<OtherMoments> others)
    {
        lock (_updating)
        {
            (_others, _othersAt) = (others, _clock.GetTimestamp());
        }
    }

    /// <summary>Whether moments weigh enough, in scores and in requests, and are those of more than one score.</summary>
    public bool IsEnough(StreamedMoments measured) =>
        measured.Scores.Count >= _options.MinScores && measured.Requests >= _options.MinRequests
        && double.IsFinite(measured.Scores.Mean) && double.IsFinite(measured.Scores.Std)
        && measured.Scores.Std > Math.Max(float.Epsilon, Math.Abs(measured.Scores.Mean) * Resolution);

    /// <summary>Takes what was measured until now for what calibrates from now on.</summary>
    /// <param name="baseline">The model's frozen baseline; null: none.</param>
    public void Update(FrozenBaseline? baseline)
    {
        lock (_updating)
        {
            var old = _state;
            var names = (_bundle?.Scenarios.Keys ?? []).Concat(baseline?.Scenarios.Keys ?? []).ToHashSet(StringComparer.Ordinal);
            var @default = Next(old.Default, baseline, _bundle is null ? null : new(_bundle.Own, _bundle.Baseline), baseline?.Default, fallback: null);
            var scenarios = names.ToFrozenDictionary(
                name => name,
                name => Next(
                    old.Scenarios.GetValueOrDefault(name) ?? new CalibrationSlot(name, new MomentStream(_options.HalfLifeSeconds, _clock)),
                    baseline, _bundle?.Scenarios.GetValueOrDefault(name), baseline?.Scenarios.GetValueOrDefault(name), fallback: @default),
                StringComparer.Ordinal);
            var jumps = (old.Baseline?.Version, old.Default.Source) != (baseline?.Version, @default.Source);
            _state = new State(jumps ? old.Scale + 1 : old.Scale, baseline, @default, scenarios);
        }
    }

    // Under the lock. A scenario that lacks one of a pair takes both from the fallback.
    private CalibrationSlot Next(CalibrationSlot slot, FrozenBaseline? frozen, ScenarioCalibration? bundle, FrozenMoments? baseline, CalibrationSlot? fallback)
    {
        var measured = slot.Stream.Now + Elsewhere(slot.Scenario);
        // Moments that weigh too little again, or have become those of one score, say nothing: what was trusted last still is.
        var trusted = IsEnough(measured) ? new Moments(measured.Scores.Mean, measured.Scores.Std) : slot.Trusted;
        var to = frozen is null ? bundle?.Baseline : baseline is null ? null : new Moments(baseline.Mean, baseline.Std);
        var isStreamed = frozen is not null && _options.Streaming && trusted is not null;
        var own = to is null ? null : isStreamed ? trusted : bundle?.Own;
        return new CalibrationSlot(slot.Scenario, slot.Stream)
        {
            Measured = measured,
            Trusted = trusted,
            Calibrator = own is null ? fallback?.Calibrator : new MeanVarianceCalibrator(own, to!),
            Source = own is null ? fallback?.Source ?? OwnMoments.None : isStreamed ? OwnMoments.Streamed : OwnMoments.Bundle,
            Baseline = own is null ? fallback?.Baseline : to,
        };
    }

    private StreamedMoments Elsewhere(string scenario)
    {
        var passed = _clock.GetElapsedTime(_othersAt).TotalSeconds;
        var sum = default(StreamedMoments);
        foreach (var other in _others)
        {
            sum += other.Scenarios.GetValueOrDefault(scenario).Aged(other.Age + passed, _options.HalfLifeSeconds);
        }

        return sum;
    }

    private sealed record State(int Scale, FrozenBaseline? Baseline, CalibrationSlot Default, FrozenDictionary<string, CalibrationSlot> Scenarios);
}

using System.Diagnostics.Metrics;
using Pantheon.Bundles;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;

namespace Pantheon.Serving.Calibration;

/// <summary>How far each loaded version's scores are from where they should be; docs/metrics.md lists the instruments.</summary>
internal sealed class CalibrationMetrics
{
    public const string MeterName = "Pantheon.Calibration";

    private readonly ModelCatalog _catalog;

    public CalibrationMetrics(IMeterFactory meters, ModelCatalog catalog)
    {
        _catalog = catalog;
        var meter = meters.Create(MeterName);
        meter.CreateObservableGauge(
            "pantheon.calibration.mean.shift",
            () => Observe(static (slot, _) => slot is { Baseline: { } baseline, Measured.Scores.Count: > 0 } ? (Answered(slot).Mean - baseline.Mean) / baseline.Std : null),
            description: "Mean of the calibrated scores less the baseline's, in standard deviations of the baseline");
        meter.CreateObservableGauge(
            "pantheon.calibration.std.ratio",
            () => Observe(static (slot, _) => slot is { Baseline: { } baseline, Measured.Scores.Count: > 0 } ? Answered(slot).Std / baseline.Std : null),
            description: "Standard deviation of the calibrated scores over the baseline's");
        meter.CreateObservableGauge(
            "pantheon.calibration.bundle.shift",
            () => Observe(static (slot, bundle) => bundle is not null && slot.Measured.Scores.Count > 0 ? (slot.Measured.Scores.Mean - bundle.Mean) / bundle.Std : null),
            description: "Mean of the raw scores less what the bundle says, in standard deviations of what the bundle says");
        meter.CreateObservableGauge(
            "pantheon.calibration.weight", () => Observe(static (slot, _) => slot.Measured.Scores.Count), "{score}", "What the scores weigh that were measured, decayed, of all replicas");
        meter.CreateObservableGauge(
            "pantheon.calibration.trusted", () => Observe(static (slot, _) => slot.Trusted is null ? 0 : 1), description: "1 where a version's own moments are trusted");
        meter.CreateObservableGauge(
            "pantheon.calibration.baseline.version", Baselines, description: "Version of the frozen baseline that a version is calibrated to; 0: it has its manifest's");
    }

    private static ScoreMoments Answered(CalibrationSlot slot) => slot.Calibrator!.Apply(slot.Measured.Scores);

    private IEnumerable<Measurement<double>> Observe(Func<CalibrationSlot, Moments?, double?> read)
    {
        foreach (var model in _catalog.Models.SelectMany(served => served.Versions.Values))
        {
            var bundle = model.Bundle.Manifest.Calibration;
            foreach (var slot in model.Calibration.Slots)
            {
                if (read(slot, slot.Scenario.Length == 0 ? bundle?.Own : bundle?.Scenarios.GetValueOrDefault(slot.Scenario)?.Own) is { } value)
                {
                    yield return new Measurement<double>(value, new("model", model.Name), new("version", model.Version), new("scenario", slot.Scenario));
                }
            }
        }
    }

    private IEnumerable<Measurement<long>> Baselines()
    {
        foreach (var model in _catalog.Models.SelectMany(served => served.Versions.Values))
        {
            yield return new Measurement<long>(model.Calibration.Baseline?.Version ?? 0, new("model", model.Name), new("version", model.Version));
        }
    }
}

using System.Globalization;
using System.Text;
using Google.Protobuf.WellKnownTypes;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;

namespace Pantheon.Serving.Calibration;

/// <summary>Moments and calibrations as messages, and moments back.</summary>
internal static class MomentsMessage
{
    // What no float that a graph gives, and no count of its scores, comes near.
    private const double Largest = 1e15;

    /// <summary>What a replica measured itself.</summary>
    public static VersionMoments OfOwn(LoadedModel model) => Of(model, model.Calibration.From, static slot => slot.Stream.Now);

    public static ModelCalibration Of(string name, FrozenBaseline? baseline, string? problem, IEnumerable<LoadedModel> versions) => new()
    {
        Model = name,
        Baseline = baseline is null ? null : Of(baseline),
        Problem = problem ?? "",
        Versions = { versions.OrderBy(model => model.Version).Select(Of) },
    };

    /// <summary>Reads moments that came from outside.</summary>
    /// <param name="path">What precedes the names of fields in faults.</param>
    /// <param name="now">For one that does not say since when it measured.</param>
    /// <param name="age">Seconds since it was said.</param>
    /// <param name="maxScenarios">That it may name.</param>
    /// <param name="maxTextBytes">Of a scenario's name.</param>
    /// <param name="fault">What is wrong, with the field, what came and what was expected; null: nothing.</param>
    public static OtherMoments? Read(VersionMoments came, string path, DateTimeOffset now, double age, int maxScenarios, int maxTextBytes, out string? fault)
    {
        fault = null;
        var scenarios = new Dictionary<string, StreamedMoments>(StringComparer.Ordinal);
        if (came.Scenarios.Count == 0 || came.Scenarios.Count > maxScenarios)
        {
            fault = $"{path}scenarios: got {came.Scenarios.Count}, expected 1 to {maxScenarios}";
        }

        for (var index = 0; fault is null && index < came.Scenarios.Count; index++)
        {
            var scenario = came.Scenarios[index];
            var at = $"{path}scenarios[{index}].";
            var bytes = Encoding.UTF8.GetByteCount(scenario.Scenario);
            fault = bytes > maxTextBytes ? $"{at}scenario: got {bytes} bytes, expected at most {maxTextBytes}"
                : Range($"{at}requests", scenario.Requests, 0, Largest) ?? Range($"{at}scores", scenario.Scores, 0, Largest)
                ?? Range($"{at}mean", scenario.Mean, -Largest, Largest) ?? Range($"{at}std", scenario.Std, 0, Largest);
            var scores = new ScoreMoments(scenario.Scores, scenario.Scores == 0 ? 0 : scenario.Mean, scenario.Std * scenario.Std * scenario.Scores);
            if (fault is null && !scenarios.TryAdd(scenario.Scenario, new StreamedMoments(scores, scenario.Requests)))
            {
                fault = $"{at}scenario: got '{scenario.Scenario}' twice, expected each once";
            }
        }

        return fault is null ? new OtherMoments(scenarios, came.MeasuredFrom is { } from ? Time(from, now) : now, age) : null;
    }

    private static string? Range(string field, double value, double least, double most) => value >= least && value <= most
        ? null
        : string.Create(CultureInfo.InvariantCulture, $"{field}: got {value}, expected a number of {least} to {most}");

    // A message may hold times that there are not.
    private static DateTimeOffset Time(Timestamp from, DateTimeOffset now)
    {
        var seconds = from.Seconds;
        return seconds >= 0 && seconds < now.ToUnixTimeSeconds() ? DateTimeOffset.FromUnixTimeSeconds(seconds) : now;
    }

    private static VersionMoments Of(LoadedModel model, DateTimeOffset from, Func<CalibrationSlot, StreamedMoments> read) => new()
    {
        Version = model.Version,
        BundleDigest = model.Bundle.Digest,
        MeasuredFrom = from.ToTimestamp(),
        Scenarios = { model.Calibration.Slots.Select(slot => Of(slot.Scenario, read(slot))) },
    };

    private static ScenarioMoments Of(string scenario, StreamedMoments moments) => new()
    {
        Scenario = scenario,
        Requests = moments.Requests,
        Scores = moments.Scores.Count,
        Mean = moments.Scores.Mean,
        Std = moments.Scores.Std,
    };

    private static CalibratedVersion Of(LoadedModel model) => new()
    {
        Measured = Of(model, model.Calibration.MeasuredFrom, static slot => slot.Measured),
        Scenarios = { model.Calibration.Slots.Select(Of) },
    };

    private static CalibratedScenario Of(CalibrationSlot slot) => new()
    {
        Scenario = slot.Scenario,
        Source = slot.Source switch
        {
            OwnMoments.Bundle => MomentsSource.Bundle,
            OwnMoments.Streamed => MomentsSource.Streamed,
            _ => MomentsSource.Unspecified,
        },
        Slope = slot.Calibrator?.Slope ?? 1,
        Shift = slot.Calibrator?.Shift ?? 0,
        Trusted = slot.Trusted is not null,
    };

    private static BaselineDistribution Of(FrozenBaseline baseline) => new()
    {
        Version = baseline.Version,
        Scenarios =
        {
            baseline.Scenarios.OrderBy(pair => pair.Key, StringComparer.Ordinal).Prepend(KeyValuePair.Create("", baseline.Default)).Select(pair => new ScenarioMoments
            {
                Scenario = pair.Key,
                Requests = pair.Value.Requests,
                Scores = pair.Value.Scores,
                Mean = pair.Value.Mean,
                Std = pair.Value.Std,
            }),
        },
        SourceVersion = baseline.Source.Version,
        SourceDigest = baseline.Source.Digest,
        MeasuredFrom = baseline.Source.From.ToTimestamp(),
        MeasuredTo = baseline.Source.To.ToTimestamp(),
        At = baseline.At.ToTimestamp(),
        Requester = baseline.By,
        Reason = baseline.Reason,
    };
}

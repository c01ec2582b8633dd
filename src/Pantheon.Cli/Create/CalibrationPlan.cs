using System.Text.Json;
using Pantheon.Bundles;

namespace Pantheon.Cli.Create;

/// <summary>The calibration of a new bundle: from the command line, else from the golden file, else none.</summary>
/// <param name="Spec">Null: calibrated scores are the raw ones.</param>
/// <param name="Note">Which moments were taken from the golden file, if any.</param>
internal sealed record CalibrationPlan(CalibrationSpec? Spec, string? Note)
{
    public static CalibrationPlan Of(CreateRequest request)
    {
        var (own, baseline) = (request.Own, request.Baseline);
        var taken = new List<string>();
        if (request.Golden is { } golden && (own is null || baseline is null))
        {
            using var file = Parse(golden);
            own ??= Read(file, golden, "own", "--own", taken);
            baseline ??= Read(file, golden, "baseline", "--baseline", taken);
        }

        if (own is null || baseline is null)
        {
            // A golden file may well know its own moments and no baseline; asking for half a calibration is a mistake.
            var half = request.Own is not null ? ("--own", "--baseline") : request.Baseline is not null ? ("--baseline", "--own") : default;
            if (half != default)
            {
                throw CommandFailure.OfUsage($"{half.Item1}: expected {half.Item2} with it, as calibration maps one to the other");
            }

            return request.Scenarios.Count == 0
                ? new CalibrationPlan(null, null)
                : throw CommandFailure.OfUsage("--scenario: expected --own and --baseline with it, which apply to every other scenario");
        }

        var spec = new CalibrationSpec { Own = own, Baseline = baseline, Scenarios = request.Scenarios };
        return new CalibrationPlan(spec, taken.Count == 0 ? null : $"{string.Join(" and ", taken)} not given: taken from {Path.GetFileName(request.Golden)}");
    }

    private static JsonDocument Parse(string path)
    {
        try
        {
            return JsonDocument.Parse(File.ReadAllBytes(path));
        }
        catch (JsonException error)
        {
            throw new CommandFailure($"{path}: not JSON: {error.Message}");
        }
    }

    private static Moments? Read(JsonDocument file, string path, string key, string option, List<string> taken)
    {
        if (file.RootElement.ValueKind != JsonValueKind.Object || !file.RootElement.TryGetProperty(key, out var value))
        {
            return null;
        }

        if (value.ValueKind != JsonValueKind.Object || Number(value, "mean") is not { } mean || Number(value, "std") is not { } std || std <= 0)
        {
            throw new CommandFailure($"{path}: '{key}' is {value.GetRawText()}, expected {{\"mean\": number, \"std\": number above 0}}; or give {option}");
        }

        taken.Add(option);
        return new Moments(mean, std);
    }

    private static double? Number(JsonElement element, string key) =>
        element.TryGetProperty(key, out var value) && value.ValueKind == JsonValueKind.Number ? value.GetDouble() : null;
}

using System.Globalization;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Reports;

namespace Pantheon.Cli.Calibration;

/// <summary>Calibrations, for people.</summary>
internal static class CalibrationReport
{
    public static void Print(Terminal terminal, ModelCalibration calibration)
    {
        terminal.Output.WriteLine(Line(calibration));
        terminal.Output.WriteLine();
        var rows = new List<IReadOnlyList<Cell>>();
        foreach (var moments in calibration.Baseline?.Scenarios ?? [])
        {
            rows.Add(["baseline", Scenario(moments.Scenario), Text($"{moments.Requests:0}"), Text($"{moments.Scores:0}"), Scores(moments), "", "", ""]);
        }

        foreach (var version in calibration.Versions)
        {
            foreach (var (moments, used) in version.Measured.Scenarios.Zip(version.Scenarios))
            {
                rows.Add(
                [
                    Text($"{version.Measured.Version}"), Scenario(moments.Scenario), Text($"{moments.Requests:0}"), Text($"{moments.Scores:0}"), moments.Scores > 0 ? Scores(moments) : "",
                    used.Trusted ? "yes" : "no",
                    used.Source switch { MomentsSource.Bundle => "the bundle's", MomentsSource.Streamed => "its own", _ => "none: raw" },
                    moments.Scores > 0 ? Text($"{used.Shift + (used.Slope * moments.Mean):0.0000} ± {used.Slope * moments.Std:0.0000}") : "",
                ]);
            }
        }

        terminal.Print(new Table([new("version"), new("scenario"), new("requests"), new("scores"), new("measured"), new("trusted"), new("calibrated by"), new("answered")], rows));
    }

    private static string Line(ModelCalibration calibration)
    {
        var baseline = calibration.Baseline is { } frozen
            ? Text($"baseline {frozen.Version}, version {frozen.SourceVersion} as answered from {frozen.MeasuredFrom.ToDateTime():yyyy-MM-dd HH:mm:ss} to {frozen.MeasuredTo.ToDateTime():yyyy-MM-dd HH:mm:ss} UTC, frozen by {frozen.Requester}{(frozen.Reason.Length == 0 ? "" : $" ({frozen.Reason})")}")
            : "no frozen baseline: each version has its bundle's";
        return $"{calibration.Model}: {baseline}{(calibration.Problem.Length == 0 ? "" : $"; {calibration.Problem}")}";
    }

    private static string Scenario(string name) => name.Length == 0 ? "(default)" : name;

    private static string Scores(ScenarioMoments moments) => Text($"{moments.Mean:0.0000} ± {moments.Std:0.0000}");

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

using System.Globalization;

namespace Pantheon.Scoring.Rollout;

/// <summary>Whether a version keeps within bounds of what it is held against. Pure.</summary>
public static class RolloutGuard
{
    /// <summary>Judges a version.</summary>
    /// <param name="version">Its last minute.</param>
    /// <param name="against">The same of what it is held against.</param>
    /// <param name="areComparable">Whether both give calibrated scores, on one scale.</param>
    /// <param name="options">The bounds.</param>
    /// <returns>The first bound that it is outside of, with both figures, as a reason for people; null: it is within, or too young to say.</returns>
    public static string? Judge(VersionFigures version, VersionFigures against, bool areComparable, GuardOptions options)
    {
        if (version.Requests < options.MinRequests)
        {
            return null;
        }

        if (version.ErrorShare > against.ErrorShare + options.MaxErrorShare)
        {
            return Text($"errors: {100 * version.ErrorShare:0.0} % of {version.Requests} requests failed, {100 * against.ErrorShare:0.0} % of the base's {against.Requests}; the bound is {100 * options.MaxErrorShare:0.0} points more");
        }

        if (against.Requests - against.Failures < options.MinRequests)
        {
            return null;
        }

        if (version.MeanRunSeconds > Math.Max(against.MeanRunSeconds * options.MaxSlowdown, against.MeanRunSeconds + options.MinSlowdownSeconds))
        {
            return Text($"latency: its graph takes {1000 * version.MeanRunSeconds:0.00} ms a request, the base's {1000 * against.MeanRunSeconds:0.00} ms; the bound is {options.MaxSlowdown} times that");
        }

        var (scores, usual) = (version.Scores, against.Scores);
        if (scores.Count > 1 && usual.Std > 0 && scores.Std <= 1e-9 * Math.Max(1, Math.Abs(scores.Mean)))
        {
            return Text($"scores: all {scores.Count:0} of the last minute are {scores.Mean:0.######}");
        }

        if (!areComparable || usual.Std == 0 || scores.Count == 0)
        {
            return null;
        }

        var shift = (scores.Mean - usual.Mean) / usual.Std;
        var ratio = scores.Std / usual.Std;
        return Math.Abs(shift) > options.MaxMeanShift
            ? Text($"scores: their mean is {scores.Mean:0.####}, the base's {usual.Mean:0.####}: {shift:+0.0;-0.0} standard deviations; the bound is {options.MaxMeanShift}")
            : ratio > options.MaxSpreadRatio || ratio < 1 / options.MaxSpreadRatio
            ? Text($"scores: their standard deviation is {scores.Std:0.####}, the base's {usual.Std:0.####}; the bound is a factor of {options.MaxSpreadRatio}")
            : null;
    }

    private static string Text(FormattableString text) => text.ToString(CultureInfo.InvariantCulture);
}

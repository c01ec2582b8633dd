using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Experiments;

/// <summary>What may be said of a gain. "Better on all" is said only where every interval lies above zero.</summary>
internal static class GainVerdict
{
    /// <param name="over">Name of what the scoring was compared with.</param>
    public static Paragraph Of(string over, ScoringReport scoring)
    {
        var better = scoring.Gain.Count(gain => gain.Low > 0);
        var worse = scoring.Gain.Count(gain => gain.High < 0);
        var verdict = better == scoring.Gain.Count
            ? "better on all objectives, every interval above zero"
            : $"not better on all: {better} of {scoring.Gain.Count} intervals above zero, {worse} below";
        return new Paragraph($"{scoring.Name} over {over}: {verdict}; mean gain {Points(scoring.MeanGain)}.");
    }

    /// <summary>A difference of shares with its interval, in points.</summary>
    public static string Points(Metrics.Estimate gain) =>
        $"{Points(gain.Value)} points [{Points(gain.Low)}, {Points(gain.High)}]";

    /// <summary>A difference of shares, in points.</summary>
    public static string Points(double gain) => NumberText.Of(EvaluationTables.Percent * gain, "0.00");
}

using System.Globalization;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Experiments;

/// <summary>Lays out the learning curves, and says what they come to.</summary>
internal static class CurveTables
{
    private const string Doublings = "training exposures, log2: a doubling is 1";

    /// <param name="days">Over the last of the training days; all of them at the end.</param>
    /// <param name="shares">Over shares of the training exposures; all of them at the end.</param>
    /// <param name="seeds">That each point is the mean of.</param>
    /// <param name="deviation">Of the mean GAUC over seeds; NaN if there was one.</param>
    public static IEnumerable<ReportBlock> Of(
        ScoredExposures exposures, IReadOnlyList<CurvePoint> days, IReadOnlyList<CurvePoint> shares, int seeds, double deviation)
    {
        yield return new Heading("Learning curve");
        yield return new Paragraph(
            "The ranking model trained on fewer exposures, judged on the same test exposures: on those of the last days, and on shares drawn by a hash of the row, "
            + "by which every user, video and day keeps its part. Vocabularies, mean rates, counters and histories are those of all the training days in each case, as a service would have them; "
            + "the batch shrinks with the exposures, so that all trainings have as many steps.");
        var reports = new[] { ("Days", Compared(days)), ("Shares", Compared(shares)) };
        foreach (var ((title, report), points) in reports.Zip([days, shares]))
        {
            yield return new Table(
                [new("trained on"), new("exposures") { Format = "#,0" }, .. RankingTables.Figures(exposures)],
                [.. points.Zip(report, (point, scoring) => (IReadOnlyList<Cell>)[
                    point.Name, point.Rows, .. scoring.Gauc.Append(scoring.Mean).Select(value => (Cell)EvaluationTables.Of(value))])],
                $"{title}: GAUC in % of the ranking model by what it was trained on, {(seeds == 1 ? "one seed" : $"mean of {seeds} seeds")}, with the half width of the 95 % interval over users");
        }

        // The band is of the paired difference: around the GAUC itself it would show how users differ, the same users at every point.
        yield return new LinePlot(
            "Mean GAUC by training exposures", Doublings, "points more than from all exposures",
            [.. reports.Zip([days, shares], (curve, points) => Curve(curve.Item1 == "Days" ? "the last days" : "shares of all days", points, curve.Item2.Select(scoring => scoring.MeanGain)))]);
        foreach (var ((title, report), points) in reports.Zip([days, shares]))
        {
            yield return new LinePlot(
                $"GAUC by training exposures: {title.ToLowerInvariant()}", Doublings, "GAUC, %",
                [.. exposures.Objectives.Select((name, objective) => Curve(name, points, report.Select(scoring => scoring.Gauc[objective])) with { Low = null, High = null })]);
        }

        foreach (var ((title, _), points) in reports.Zip([days, shares]))
        {
            yield return new Paragraph(points.Count < 2
                ? $"{title}: the training days are too few for a curve."
                : LastGain(title, points, exposures.Objectives));
        }

        if (shares.Count > 1)
        {
            yield return new Paragraph(Conclusion(shares, deviation));
        }
    }

    // The last point is what the others are compared with; it is the last again in what comes back.
    private static IReadOnlyList<ScoringReport> Compared(IReadOnlyList<CurvePoint> points)
    {
        var report = PairedBootstrap.Compare((points[^1].Name, points[^1].Aucs), [.. points.SkipLast(1).Select(point => (point.Name, point.Aucs))]);
        return [.. report.Scorings.Skip(1), report.Scorings[0]];
    }

    private static Series Curve(string name, IReadOnlyList<CurvePoint> points, IEnumerable<Metrics.Estimate> values)
    {
        var shown = values.Select(EvaluationTables.Of).ToList();
        return new Series(name, [.. points.Select(point => Math.Log2(point.Rows))], [.. shown.Select(value => value.Value)])
        {
            Low = [.. shown.Select(value => value.Low)],
            High = [.. shown.Select(value => value.High)],
        };
    }

    private static ScoringReport Gain(CurvePoint from, CurvePoint to) => PairedBootstrap.Compare((from.Name, from.Aucs), [(to.Name, to.Aucs)]).Scorings[1];

    private static string LastGain(string title, IReadOnlyList<CurvePoint> points, IReadOnlyList<string> objectives)
    {
        var (from, to) = (points[^2], points[^1]);
        var gain = Gain(from, to);
        var ordered = gain.Gain.Select((value, objective) => (Name: objectives[objective], value.Value)).OrderByDescending(objective => objective.Value).ToList();
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{title}: from {from.Name} to {to.Name}, {(double)to.Rows / from.Rows:0.0} times the exposures, the mean GAUC gains {GainVerdict.Points(gain.MeanGain)}; "
            + $"most in {ordered[0].Name} ({GainVerdict.Points(ordered[0].Value)}), least in {ordered[^1].Name} ({GainVerdict.Points(ordered[^1].Value)}).");
    }

    private static string Conclusion(IReadOnlyList<CurvePoint> shares, double deviation)
    {
        var last = Gain(shares[^2], shares[^1]).MeanGain;
        var before = shares.Count > 2 ? Gain(shares[^3], shares[^2]).MeanGain : last;
        var verdict = (last.Low > 0, before.Value > 0) switch
        {
            (true, true) => "The number of exposures still limits the ranking model: the interval of the last doubling's gain lies above zero",
            (true, false) => "The curve does not rise steadily: the interval of the last doubling's gain lies above zero, and the doubling before it gained nothing, so that no more should be read from it without more seeds",
            _ => "The number of exposures is not seen to limit the ranking model: the interval of the last doubling's gain does not lie above zero, which leaves its network, its features, or what can be known at all",
        };
        var noise = double.IsNaN(deviation) ? "" : $", which moves the mean GAUC by {GainVerdict.Points(deviation)} points (sd over seeds)";
        return $"{verdict}. Last doubling: {GainVerdict.Points(last)}; the one before: {(shares.Count > 2 ? GainVerdict.Points(before) : "none")}. The intervals know nothing of another seed's training{noise}.";
    }
}

using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;
using Estimate = Pantheon.Learning.Reports.Estimate;

namespace Pantheon.Learning.Evaluation;

/// <summary>Measures scorings of the same exposures and lays the figures out.</summary>
public static class EvaluationTables
{
    /// <summary>Shares are shown in %, differences of them in points.</summary>
    internal const double Percent = 100;

    /// <summary>
    /// GAUC in % of the ranking model (a score of its own for each objective: the ceiling) and of fused scores, with 95 % intervals by a
    /// paired bootstrap over users, and the gains over the first fused score.
    /// </summary>
    /// <param name="pxtrs">M columns of [n]; none if there is no ranking model to show.</param>
    /// <param name="fused">Names and scores [n]; the first is what the others are compared with.</param>
    public static IReadOnlyList<ReportBlock> Compare(
        ScoredExposures exposures, IReadOnlyList<float[]> pxtrs, IReadOnlyList<(string Name, float[] Scores)> fused, string title)
    {
        ArgumentNullException.ThrowIfNull(exposures);
        ArgumentNullException.ThrowIfNull(fused);
        ArgumentNullException.ThrowIfNull(pxtrs);
        var others = fused.Skip(1).Select(scoring => (scoring.Name, Gauc.PerUser(scoring.Scores, exposures.Labels)));
        if (pxtrs.Count > 0)
        {
            others = others.Prepend(("ranking model, each objective's own Pxtr", Gauc.PerUserEach(pxtrs, exposures.Labels)));
        }

        var report = PairedBootstrap.Compare((fused[0].Name, Gauc.PerUser(fused[0].Scores, exposures.Labels)), [.. others]);
        // The ceiling, if there is one, stands before what is compared with.
        var ceiling = pxtrs.Count > 0 ? 1 : 0;
        var gainers = report.Scorings.Skip(1 + ceiling).ToList();
        var ordered = report.Scorings.Skip(1).Take(ceiling).Concat(report.Scorings.Take(1)).Concat(gainers).ToList();
        Column[] columns = [new("score"), .. exposures.Objectives.Append("mean").Select(name => new Column(name) { Format = "0.00" })];
        var table = new Table(
            columns,
            [.. ordered.Select(scoring => (IReadOnlyList<Cell>)[scoring.Name, .. scoring.Gauc.Append(scoring.Mean).Select(value => (Cell)Of(value))])],
            $"{title}: GAUC in %, with the half width of the 95 % interval (bootstrap over {exposures.Labels.Groups.Users:N0} users)");
        if (fused.Count == 1)
        {
            return [table];
        }

        var gains = new IntervalPlot(
            $"{title}: gain over {fused[0].Name}", "points of GAUC",
            [.. exposures.Objectives.Select((name, objective) => new IntervalGroup(
                name, [.. gainers.Select(scoring => new IntervalPoint(scoring.Name, Of(scoring.Gain[objective])))]))])
        { Format = "0.00" };
        return [table, gains];
    }

    /// <summary>For each objective: how well its own Pxtr sorts and how far it is from the truth as a probability.</summary>
    public static Table PerObjective(ScoredExposures exposures, IReadOnlyList<float[]> pxtrs)
    {
        ArgumentNullException.ThrowIfNull(exposures);
        ArgumentNullException.ThrowIfNull(pxtrs);
        var gauc = Gauc.ComputeEach(pxtrs, exposures.Labels);
        return new Table(
            [
                new("objective"), new("rate %") { Format = "0.00" }, new("AUC %") { Format = "0.00" }, new("GAUC %") { Format = "0.00" },
                new("GAUC by positives %") { Format = "0.00" }, new("users %") { Format = "0.0" }, new("rows %") { Format = "0.0" },
                new("log-loss") { Format = "0.0000" }, new("calibration error") { Format = "0.0000" },
            ],
            [.. exposures.Objectives.Select((name, objective) =>
            {
                var labels = exposures.Of(objective);
                var result = gauc.Objectives[objective];
                return (IReadOnlyList<Cell>)[
                    name, Percent * ObjectiveRates.Positives(labels) / labels.Length, Percent * Auc.Compute(pxtrs[objective], labels), Percent * result.Gauc,
                    Percent * result.PositivesWeighted, Percent * result.UserCoverage, Percent * result.RowCoverage,
                    LogLoss.Compute(pxtrs[objective], labels), CalibrationError.Compute(pxtrs[objective], labels, bins: 20).Error,
                ];
            })],
            "Each objective's own Pxtr; users and rows are the shares that have both classes and so count in GAUC");
    }

    /// <summary>A share with its interval, in %.</summary>
    internal static Estimate Of(Metrics.Estimate value) => new(Percent * value.Value, Percent * value.Low, Percent * value.High);
}

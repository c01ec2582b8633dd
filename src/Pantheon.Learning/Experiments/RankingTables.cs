using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Experiments;

/// <summary>Lays out a ranking model beside its baselines, on some of the test exposures.</summary>
internal static class RankingTables
{
    // What good models differ by: an interval that reaches further to a side says more of the sample than of the model.
    private const double WidePoints = 2;

    /// <param name="title">What exposures they are.</param>
    /// <param name="models">Scores of the exposures; the ranking model is the last.</param>
    public static IEnumerable<ReportBlock> Of(string title, ScoredExposures exposures, IReadOnlyList<ModelScores> models)
    {
        var seeds = models.Select(model => model.PerUser(exposures.Labels)).ToList();
        var aucs = seeds.Select(UserAucs.MeanOf).ToList();
        var baselines = models.SkipLast(1).ToList();
        var reports = baselines.Select((model, index) => PairedBootstrap.Compare((model.Name, aucs[index]), [(models[^1].Name, aucs[^1])])).ToList();
        yield return new Heading(title);
        if (Caution(exposures, reports[0].Scorings[1]) is { } caution)
        {
            yield return new Paragraph($"{title}: {caution}");
        }

        yield return new Table(
            [new("score"), .. Figures(exposures), new("sd over seeds") { Format = "0.00" }],
            [.. reports.Select(report => report.Scorings[0]).Append(reports[0].Scorings[1]).Select((scoring, index) => (IReadOnlyList<Cell>)[
                scoring.Name, .. scoring.Gauc.Append(scoring.Mean).Select(value => (Cell)EvaluationTables.Of(value)),
                EvaluationTables.Percent * SeedDeviation.Of([.. seeds[index].Select(seed => seed.Table.Mean)]),
            ])],
            $"{title}: GAUC in %, mean over seeds, with the half width of the 95 % interval over {exposures.Labels.Groups.Users:N0} users; a user's own mean rate is the same for all that the user was shown, which GAUC puts at 50, and adds nothing to the item's");
        yield return new Table(
            [new("score"), .. Figures(exposures)],
            [.. models.Select(model =>
            {
                var auc = model.Auc(exposures);
                return (IReadOnlyList<Cell>)[model.Name, .. auc.Append(auc.Average()).Select(value => (Cell)(EvaluationTables.Percent * value))];
            })],
            $"{title}: AUC in % over all {exposures.Count:N0} exposures at once, mean over seeds: telling users apart counts here");
        yield return new IntervalPlot(
            $"{title}: gain of the ranking model", "points of GAUC over the baseline",
            [.. exposures.Objectives.Select((name, objective) => new IntervalGroup(
                name, [.. reports.Select(report => new IntervalPoint(report.Scorings[0].Name, EvaluationTables.Of(report.Scorings[1].Gain[objective])))]))])
        { Format = "0.00" };
        foreach (var report in reports)
        {
            yield return GainVerdict.Of(report.Scorings[0].Name, report.Scorings[1]);
        }
    }

    /// <summary>A column for each objective and one for their mean.</summary>
    public static IEnumerable<Column> Figures(ScoredExposures exposures) =>
        exposures.Objectives.Append("mean").Select(name => new Column(name) { Format = "0.00" });

    private static string? Caution(ScoredExposures exposures, ScoringReport ranking)
    {
        var wide = exposures.Objectives.Select((name, objective) => (name, Gauc: EvaluationTables.Of(ranking.Gauc[objective]), Users: exposures.Labels.RetainedUsers(objective)))
            .Where(objective => !(objective.Gauc.High - objective.Gauc.Low <= 2 * WidePoints)).ToList();
        return wide.Count == 0 ? null
            : $"a small sample. GAUC is over the users who had both classes of an objective: {string.Join(", ", wide.Select(objective => $"{objective.Users} of {objective.name}"))}. "
                + $"The intervals of these reach further than {WidePoints:0} points to a side, or cannot be told; only gains whose own interval lies off zero should be read from them.";
    }
}

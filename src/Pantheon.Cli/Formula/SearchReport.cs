using System.Globalization;
using Pantheon.Cli.Evaluate;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Search;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Cli.Formula;

/// <summary>The formula that was found, beside what nobody had to search for.</summary>
internal static class SearchReport
{
    private const string Found = "the formula that was found";
    private const double Percent = 100;

    public static Report Make(
        SearchRequest request, BundleLog log, EvalMetric metric, Study study, FusionResult best, FusionFormula formula, SearchPeriod search, SearchPeriod judge)
    {
        var manifest = log.Bundle.Manifest;
        return new Report($"Formula for {manifest.Model} version {manifest.Version}", [
            new Facts([
                new("command", request.CommandLine, IsCode: true),
                new("formula", formula.Text, IsCode: true),
                new("bundle", $"{manifest.Model} version {manifest.Version}"),
                new("bundle digest", log.Bundle.Digest, IsCode: true),
                new("searched on", $"{search.Name}, {search.Exposures.Count:N0} exposures"),
                new("judged on", $"{judge.Name}, {judge.Exposures.Count:N0} exposures"),
                new("trials", study.Trials.Count.ToString(CultureInfo.InvariantCulture)),
                new("seed", request.Seed.ToString(CultureInfo.InvariantCulture)),
                new("data sha256", log.Data.Report.Sha256, IsCode: true),
            ]),
            Parameters(log, metric, best),
            Compared(search, metric, formula),
            Compared(judge, metric, formula),
            .. EvaluationTables.Compare(judge.Exposures, judge.Measured, Scorings(judge, formula), $"On {judge.Name}"),
            Trials(study),
        ]);
    }

    private static Table Parameters(BundleLog log, EvalMetric metric, FusionResult best)
    {
        var judged = log.Data.Schema.Objectives;
        return new Table(
            [new("objective"), new("worth in EvalMetric"), new("parameter") { Format = "0.0000" }],
            [.. log.Bundle.Manifest.Objectives.Select((name, objective) =>
            {
                var place = judged.ToList().IndexOf(name);
                return (IReadOnlyList<Cell>)[name, place < 0 ? "not in the log" : metric.Weights[place], best.Parameters[objective]];
            })],
            "The parameters that were found; the numbers in the formula are in the same proportion");
    }

    // Scored as they are served, in float: a formula whose scores fall together there has lost something.
    private static IReadOnlyList<(string Name, float[] Scores)> Scorings(SearchPeriod period, FusionFormula formula) =>
        [.. BundleTables.Fusions(period.Scores), (Found, period.Pxtrs.Score(formula))];

    private static Table Compared(SearchPeriod period, EvalMetric metric, FusionFormula formula)
    {
        var labels = period.Exposures.Labels;
        Column[] columns =
        [
            new("score"), new("EvalMetric") { Format = "0.0000" }, .. period.Exposures.Objectives.Append("mean").Select(name => new Column(name) { Format = "0.00" }),
        ];
        return new Table(
            columns,
            [.. Scorings(period, formula).Select(scoring =>
            {
                var gauc = Gauc.Compute(scoring.Scores, labels);
                return (IReadOnlyList<Cell>)[scoring.Name, metric.Of(gauc), .. gauc.Objectives.Select(result => (Cell)(Percent * result.Gauc)), Percent * gauc.Mean];
            })],
            $"On {period.Name}: EvalMetric, the sum of the GAUCs times what they are worth, and the GAUCs in %");
    }

    private static LinePlot Trials(Study study)
    {
        var trials = study.Trials.Where(trial => !trial.Failed).ToList();
        var best = double.NegativeInfinity;
        return new LinePlot("Search", "trial", "EvalMetric",
            [
                new("trial", [.. trials.Select(trial => (double)trial.Number)], [.. trials.Select(trial => trial.Score)]),
                new("best so far", [.. trials.Select(trial => (double)trial.Number)], [.. trials.Select(trial => best = Math.Max(best, trial.Score))]),
            ]);
    }
}

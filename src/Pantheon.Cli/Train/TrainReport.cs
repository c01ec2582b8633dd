using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Train;

/// <summary>What a training ends with: how it went and how good it is.</summary>
internal static class TrainReport
{
    public static Report Make(
        TrainRequest request, TrainingConfig config, Dataset data, IReadOnlyList<float> priors, RowRange judged, Predictions predictions, IReadOnlyList<LearningPoint> curve)
    {
        var exposures = new ScoredExposures(data, judged);
        List<(string, float[])> fused =
        [
            ("product of (1 + p)", SimpleFusions.Product(predictions.Pxtrs)),
            ("log-linear sum", SimpleFusions.LogLinear(predictions.Pxtrs)),
            ("linear sum, inverse rates", SimpleFusions.Linear(predictions.Pxtrs, HeadWeights.Of(new Modeling.HeadOptions(), data.Schema.Objectives, priors))),
        ];
        fused.AddRange(config.Model.Heads.Select((head, index) => ($"Pantheon head '{head.Name}'", predictions.Scores[index])));
        return new Report($"Training of {request.Model}", [
            new Facts([
                .. LogData.Facts(data, request.CommandLine),
                new("seed", config.Training.Seed.ToString(CultureInfo.InvariantCulture)),
                new("judged on", data.Test.Count > 0 ? "the test days" : "the training rows: the log leaves none to test on"),
            ]),
            new Heading("Fused scores"),
            .. EvaluationTables.Compare(exposures, predictions.Pxtrs, fused, "Test days"),
            new Heading("Ranking model"),
            EvaluationTables.PerObjective(exposures, predictions.Pxtrs),
            .. Curve(curve),
            new Heading("Configuration"),
            new CodeBlock(config.ToJson(), "json"),
        ]);
    }

    public static void Print(Terminal terminal, Report report, TrainRequest request, Bundle bundle)
    {
        foreach (var table in report.Blocks.OfType<Table>())
        {
            terminal.Print(table);
        }

        terminal.Output.WriteLine($"Bundle: {bundle.Directory}");
        terminal.Output.WriteLine($"Report: {Path.Combine(request.Out, "report.html")} and report.md");
    }

    private static IEnumerable<ReportBlock> Curve(IReadOnlyList<LearningPoint> curve) => curve.Count < 2 ? [] :
    [
        new Heading("Learning curve"),
        new LinePlot("GAUC of the days after the training days", "step", "mean GAUC, %",
            [
                new("Pxtrs, each on its own objective", [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => 100 * point.Ranking)]),
                new("fused score", [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => 100 * point.Fused)]),
            ]),
        new LinePlot("Training loss", "step", "running mean", [new("ranking model", [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => point.Losses[0])])]),
    ];
}

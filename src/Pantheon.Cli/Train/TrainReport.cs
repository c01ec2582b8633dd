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
    /// <param name="given">The ranking model, if it was not trained here.</param>
    /// <param name="before">The score of its bundle, of the exposures that are judged on.</param>
    public static Report Make(
        TrainRequest request, TrainingConfig config, Dataset data, IReadOnlyList<float> priors, RowRange judged, Predictions predictions, IReadOnlyList<LearningPoint> curve,
        GivenRanking? given, float[]? before)
    {
        var exposures = new ScoredExposures(data, judged);
        List<(string, float[])> fused =
        [
            ("product of (1 + p)", SimpleFusions.Product(predictions.Pxtrs)),
            ("log-linear sum", SimpleFusions.LogLinear(predictions.Pxtrs)),
            ("linear sum, inverse rates", SimpleFusions.Linear(predictions.Pxtrs, HeadWeights.Of(new Modeling.HeadOptions(), data.Schema.Objectives, priors))),
        ];
        if (before is not null)
        {
            fused.Add((BundleTables.OwnScore, before));
        }

        fused.AddRange(config.Model.Heads.Select((head, index) => ($"Pantheon head '{head.Name}'", predictions.Scores[index])));
        return new Report($"Training of {request.Model}", [
            new Facts([
                .. LogData.Facts(data, request.CommandLine),
                .. given?.Facts ?? [],
                new("seed", config.Training.Seed.ToString(CultureInfo.InvariantCulture)),
                new("judged on", data.Test.Count > 0 ? "the test days" : "the training rows: the log leaves none to test on"),
            ]),
            new Heading("Fused scores"),
            .. EvaluationTables.Compare(exposures, predictions.Pxtrs, fused, "Test days"),
            new Heading("Ranking model"),
            EvaluationTables.PerObjective(exposures, predictions.Pxtrs),
            .. Curve(curve, given is null ? ("ranking model", 0) : ($"head '{config.Model.Heads[0].Name}'", 1)),
            new Heading("Configuration"),
            new CodeBlock(config.ToJson(frozen: given is not null), "json"),
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

    private static IEnumerable<ReportBlock> Curve(IReadOnlyList<LearningPoint> curve, (string Name, int Part) learned) => curve.Count < 2 ? [] :
    [
        new Heading("Learning curve"),
        new LinePlot("GAUC of the days after the training days", "step", "mean GAUC, %",
            [
                new("Pxtrs, each on its own objective", [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => 100 * point.Ranking)]),
                new("fused score", [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => 100 * point.Fused)]),
            ]),
        new LinePlot("Training loss", "step", "running mean", [new(learned.Name, [.. curve.Select(point => (double)point.Step)], [.. curve.Select(point => point.Losses[learned.Part])])]),
    ];
}

using System.Globalization;
using System.Security.Cryptography;
using System.Text;
using Pantheon.Bundles;
using Pantheon.Cli.Create;
using Pantheon.Cli.Evaluate;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Publishing;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Search;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Cli.Formula;

/// <summary>`pantheon formula search`: a bundle's Pxtrs to the formula that fuses them best, and that to a bundle.</summary>
internal static class SearchRun
{
    public static int Run(SearchRequest request, Terminal terminal, CancellationToken cancellation)
    {
        CheckJournal(request);
        using var progress = terminal.Progress();
        using var log = BundleLog.Open(request.Bundle, request.Data, request.Config, progress, cancellation);
        var manifest = log.Bundle.Manifest;
        if (manifest.Objectives.Count == 0)
        {
            throw new CommandFailure($"{log.Bundle.Directory}: the bundle gives a score and no Pxtrs, expected some to fuse");
        }

        var metric = MetricOf(request, log);
        var split = TuningSplit.Of(log.Data);
        var search = new SearchPeriod(log, split.Tune, split.TuneName, cancellation);
        var judge = new SearchPeriod(log, split.Judge, split.JudgeName, cancellation);
        var space = FormulaSpace.Of(request.Family, search.Pxtrs);
        var options = new StudyOptions { Seed = request.Seed, Initial = [space.Middle()], Subject = SubjectOf(log, metric, search.Range) };
        using var study = request.Journal is { } journal ? Study.Open(journal, space.Space, options) : new Study(space.Space, options);
        if (study.Trials.Count > 0)
        {
            progress.Say($"going on after {study.Trials.Count} trials");
        }

        var best = new FormulaSearch(space, search.Pxtrs, search.Exposures.Labels, metric).Run(
            study, request.Trials,
            (done, top) => progress.Show("searching", (double)done / Math.Max(request.Trials, 1), top is null ? "" : string.Create(
                CultureInfo.InvariantCulture, $"{done} trials, best EvalMetric {top.Score:0.00000} in trial {top.Number}")),
            cancellation);
        var formula = FusionFormula.Parse(best.Formula, manifest.Objectives);
        progress.Say($"{study.Trials.Count} trials; publishing");
        var report = SearchReport.Make(request, log, metric, study, best, formula, search, judge);
        var bundle = Publish(request, log, formula, search, study, cancellation);
        foreach (var table in report.Blocks.OfType<Table>())
        {
            terminal.Print(table);
        }

        terminal.Output.WriteLine($"Formula: {formula.Text}");
        terminal.Output.WriteLine($"Bundle: {bundle.Directory}");
        if (request.Out is { } folder)
        {
            ReportWriter.Write(report, folder);
            terminal.Output.WriteLine($"Report: {Path.Combine(folder, ReportWriter.HtmlName)} and {ReportWriter.MarkdownName}");
        }

        return 0;
    }

    // Neither is somebody's journal gone on with unasked, nor does a misspelt one begin anew.
    private static void CheckJournal(SearchRequest request)
    {
        switch (request)
        {
            case { Resume: true, Journal: null }:
                throw CommandFailure.OfUsage("--resume: without --journal, expected the file to go on from");
            case { Resume: true } when !File.Exists(request.Journal):
                throw new CommandFailure($"{request.Journal}: no such file, expected the journal of a search that was stopped");
            case { Resume: false, Journal: not null } when File.Exists(request.Journal):
                throw new CommandFailure($"{request.Journal}: exists; expected --resume to go on from it, or another file");
            default:
                break;
        }
    }

    private static EvalMetric MetricOf(SearchRequest request, BundleLog log)
    {
        var objectives = log.Data.Schema.Objectives;
        if (request.Metric.Count == 0)
        {
            return EvalMetric.Equal(objectives.Count);
        }

        return request.Metric.Keys.FirstOrDefault(name => !objectives.Contains(name)) is { } unknown
            ? throw CommandFailure.OfUsage($"--metric: '{unknown}' is no objective that bundle and log have, expected some of {string.Join(", ", objectives)}")
            : new EvalMetric([.. objectives.Select(name => request.Metric.GetValueOrDefault(name))]);
    }

    // A journal's trials were scored by these; of others they would say nothing.
    private static string SubjectOf(BundleLog log, EvalMetric metric, RowRange range) => Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(
        $"{log.Bundle.Digest}\n{log.Data.Report.Sha256}\n{range}\n{string.Join(' ', metric.Weights.Select(weight => weight.ToString("R", CultureInfo.InvariantCulture)))}")));

    private static Bundle Publish(
        SearchRequest request, BundleLog log, FusionFormula formula, SearchPeriod search, Study study, CancellationToken cancellation)
    {
        var manifest = log.Bundle.Manifest;
        var own = ScoreMoments.Of(search.Pxtrs.Score(formula));
        var baseline = manifest.Calibration?.Baseline ?? ScoreMoments.Of(search.Scores.Score);
        var lineage = new Lineage
        {
            CreatedAt = BundleCreation.Now(),
            CreatedBy = BundleCreation.Tool,
            Notes = string.Create(
                CultureInfo.InvariantCulture,
                $"formula found by {study.Trials.Count} trials of TPE, seed {request.Seed}, over the Pxtrs of {manifest.Model} version {manifest.Version} ({log.Bundle.Digest}) on {search.Name}, data sha256 {log.Data.Report.Sha256}"),
        };
        return FormulaBundle.Publish(
            request.Repository, request.Model ?? $"{manifest.Model}-formula", log.Bundle, formula, own, baseline, lineage, staged => BundleCreation.Check(staged, cancellation));
    }
}

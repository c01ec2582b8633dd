using System.Globalization;
using Pantheon.Learning.Baselines;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;
using Pantheon.Modeling.Ranking;

namespace Pantheon.Learning.Experiments;

/// <summary>
/// Is the ranking model worth fusing, and what limits it? It is held against baselines on the test days, with and without the exposures
/// that were drawn at random, and trained on fewer days and on fewer exposures.
/// </summary>
public static class RankingExperiment
{
    private const string Ranking = "Ranking model";

    /// <summary>Trains and measures.</summary>
    /// <param name="data">With rows to test.</param>
    /// <param name="config">Features, ranking model and training; its heads are left out, its seed is the first.</param>
    /// <param name="facts">What to say of command and data.</param>
    /// <exception cref="DataException">No rows to test, or an objective of which the training rows have one class only.</exception>
    public static Report Run(
        Dataset data, TrainingConfig config, RankingExperimentOptions options, IReadOnlyList<Fact> facts,
        Action<ExperimentProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Seeds, 1);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.CurveSeeds, 1);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(options.CurveSeeds, options.Seeds);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Factors, 1);
        if (data.Test.Count == 0)
        {
            throw new DataException("0 rows to test; expected some to judge on");
        }

        var priors = ObjectiveRates.Of(data, data.Train);
        var (days, shares) = (LearningCurve.Days(data), LearningCurve.Shares(data, config.Training.Seed));
        var all = days[^1];
        var machine = config.Model.Ranking with { Sharing = Sharing.FactorizationMachine, EmbeddingWidth = options.Factors };
        var total = (2L * options.Seeds * all.Rows.Length) + (options.CurveSeeds * days.SkipLast(1).Concat(shares.SkipLast(1)).Sum(step => (long)step.Rows.Length));
        var done = 0L;

        var (machines, rankings) = (new List<float[][]>(), new List<float[][]>());
        List<TrainingOptions> trainings = [.. Enumerable.Range(0, options.Seeds).Select(index => config.Training with { Seed = config.Training.Seed + (ulong)index })];
        foreach (var training in trainings)
        {
            machines.Add(Trained($"seed {training.Seed}: factorisation machine", machine, all, training));
            rankings.Add(Trained($"seed {training.Seed}: ranking model", config.Model.Ranking, all, training));
        }

        var test = new ScoredExposures(data, data.Test);
        var (curveOfDays, curveOfShares) = (Curve(days), Curve(shares));
        var strength = config.Model.Ranking.PriorStrength;
        var users = MeanRates.Score(data, data.Log.UserIndex, priors, strength);
        var items = MeanRates.Score(data, data.Log.VideoIndex, priors, strength);
        ModelScores[] models =
        [
            new("User mean rate", [users]), new("Item mean rate", [items]), new("User and item mean rates", [MeanRates.Joined(users, items)]),
            new("Factorisation machine", machines), new(Ranking, rankings),
        ];
        var caveats = DataCaveats.Of(data).Select(caveat => new Paragraph(caveat)).ToList();
        return new Report("The ranking model and its baselines",
        [
            new Facts([
                .. facts,
                new("seeds", string.Join(", ", trainings.Select(training => training.Seed))),
                new("exposures that the prior is worth in a mean rate", strength.ToString(CultureInfo.InvariantCulture)),
                new("factorisation machine", $"second order, {options.Factors} factors for each objective, all features of the ranking model, a history as the mean of its places"),
            ]),
            .. caveats.Count > 0 ? [new Heading("What this log cannot say"), .. caveats] : Array.Empty<ReportBlock>(),
            .. Slices(),
            .. CurveTables.Of(test, curveOfDays, curveOfShares, options.CurveSeeds, SeedDeviation.Of([.. rankings.Select(run => Gauc.ComputeEach(run, test.Labels).Mean)])),
            new Heading("Configuration"),
            new CodeBlock(config.ToJson(), "json"),
        ]);

        float[][] Trained(string what, RankingOptions ranking, CurveStep step, TrainingOptions training)
        {
            var recommender = config.Model with { Ranking = ranking, Heads = [] };
            using var trainer = new Trainer(data.Schema, recommender, priors, training);
            new TrainingLoop(data, step.Rows, trainer, training).Run(
                state => progress?.Invoke(new ExperimentProgress(what, (done + ((double)step.Rows.Length * state.Step / state.Steps)) / total)), cancellation);
            done += step.Rows.Length;
            using var scorer = new Scorer(data.Schema, recommender, priors, trainer.Parameters, training.ThreadCount);
            return scorer.Score(data, data.Test, cancellation).Pxtrs;
        }

        List<CurvePoint> Curve(IReadOnlyList<CurveStep> steps) =>
        [
            .. steps.SkipLast(1).Select(step => Point(step, trainings.Take(options.CurveSeeds).Select(training => Trained(
                $"learning curve, seed {training.Seed}: {step.Name}", config.Model.Ranking, step, LearningCurve.TrainingOf(training, step.Rows.Length, all.Rows.Length))))),
            Point(steps[^1], rankings.Take(options.CurveSeeds)),
        ];

        CurvePoint Point(CurveStep step, IEnumerable<float[][]> runs) =>
            new(step.Name, step.Rows.Length, UserAucs.MeanOf([.. runs.Select(run => Gauc.PerUserEach(run, test.Labels))]));

        IEnumerable<ReportBlock> Slices()
        {
            var random = data.Test.ToArray().ToLookup(data.IsRandom);
            foreach (var block in RankingTables.Of("All test exposures", test, models))
            {
                yield return block;
            }

            if (!random[true].Any())
            {
                yield break;
            }

            foreach (var (title, drawn) in new[] { ("Without random exposures", false), ("Random exposures alone", true) })
            {
                int[] rows = [.. random[drawn]];
                int[] places = [.. rows.Select(row => row - data.Test.Start)];
                foreach (var block in rows.Length == 0 ? [] : RankingTables.Of(title, new ScoredExposures(data, rows), [.. models.Select(model => model.At(places))]))
                {
                    yield return block;
                }
            }
        }
    }
}

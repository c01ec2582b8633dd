using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Reports;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Experiments;

/// <summary>How far an experiment is.</summary>
/// <param name="What">The seed and what is done with it.</param>
/// <param name="Done">Share of the whole, 0 to 1.</param>
public sealed record ExperimentProgress(string What, double Done);

/// <summary>
/// The offline comparisons of Pantheon's section 5 on a log: Table 1 (formula against Pantheon), Table 3 (what the head sees and how it
/// fuses) and Table 6 (which objectives the score follows). One training per seed serves all three.
/// </summary>
public static class PaperExperiment
{
    /// <summary>Trains, tunes, and measures on the test days.</summary>
    /// <param name="data">With rows after those to train on.</param>
    /// <param name="config">Features, ranking model and training; its seed is the first.</param>
    /// <param name="tables">Any of 1, 3 and 6.</param>
    /// <param name="facts">What to say of command and data.</param>
    /// <exception cref="DataException">Nothing to tune and judge on.</exception>
    public static Report Run(
        Dataset data, TrainingConfig config, ExperimentOptions options, IReadOnlyList<int> tables, IReadOnlyList<Fact> facts,
        Action<ExperimentProgress>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(options.Seeds, 1);
        var split = TuningSplit.Of(data);
        var priors = ObjectiveRates.Of(data, data.Train);
        // Personal sums are trained on pairs of one user's rows; the other losses do not mind.
        config = config with { Training = config.Training with { Order = RowOrder.Users } };
        TrainingConfigRules.Check(config);
        var recommender = Variants.Of(config.Model, data.Schema.Objectives, priors, config.Training.Group);
        var (validate, test) = (new ScoredExposures(data, split.Tune), new ScoredExposures(data, split.Judge));
        var inverse = HeadWeights.Of(new Modeling.HeadOptions(), data.Schema.Objectives, priors);
        var results = new List<SeedResult>();
        for (var index = 0; index < options.Seeds; index++)
        {
            var seed = config.Training.Seed + (ulong)index;
            var training = config.Training with { Seed = seed };
            void Say(string what, double done) => progress?.Invoke(new ExperimentProgress($"seed {seed}: {what}", (index + done) / options.Seeds));
            using var trainer = new Trainer(data.Schema, recommender, priors, training);
            new TrainingLoop(data, data.Train, trainer, training).Run(state => Say("training", 0.9 * state.Step / state.Steps), cancellation);
            using var scorer = new Scorer(data.Schema, recommender, priors, trainer.Parameters, Environment.ProcessorCount);
            var (onValidate, onTest) = (scorer.Score(data, split.Tune, cancellation), scorer.Score(data, split.Judge, cancellation));
            results.Add(SeedResult.Of(
                validate, test, onValidate, onTest, [.. recommender.Heads.Select(head => head.Name)], inverse, options, seed,
                (what, _) => Say(what, 0.95), cancellation));
        }

        return PaperTables.Make(results, test, tables, [
            .. facts,
            new("tuned on", split.TuneName), new("judged on", split.JudgeName),
            new("seeds", string.Join(", ", Enumerable.Range(0, options.Seeds).Select(index => config.Training.Seed + (ulong)index))),
            new("trials of each search", $"{options.Trials}"), new("fixed fusions", $"{options.FixedFusions}"),
        ], [.. DataCaveats.Of(data)], config);
    }
}

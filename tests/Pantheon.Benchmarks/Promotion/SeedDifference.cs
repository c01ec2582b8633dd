using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Training;

namespace Pantheon.Benchmarks.Promotion;

/// <summary>By how much two trainings of one configuration differ that start from two seeds: the size of the noise that a promoter must not take for a gain.</summary>
internal static class SeedDifference
{
    public static void Run(TextWriter output, string path)
    {
        var data = Dataset.Load(path);
        var exposures = new ScoredExposures(data, data.Test);
        float[][] scores = [.. new ulong[] { 1, 2 }.Select(seed => Trained(data, seed))];
        var tau = KendallTau.ComputeGrouped(scores[0], scores[1], exposures.Labels.Groups).Tau;
        var report = PairedBootstrap.Compare(("1", Gauc.PerUser(scores[0], exposures.Labels)), [("2", Gauc.PerUser(scores[1], exposures.Labels))]);
        output.WriteLine($"## Two seeds of the default configuration on {Path.GetFileName(Path.TrimEndingDirectorySeparator(path))}");
        output.WriteLine();
        Line($"{data.Test.Count:N0} exposures to test. Kendall's tau-b between the two heads' scores, within users: **{tau:0.0000}**.");
        output.WriteLine();
        output.WriteLine("| objective | GAUC, seed 1, % | seed 2, % | difference, points | its paired standard error |");
        output.WriteLine("| --- | ---: | ---: | ---: | ---: |");
        for (var objective = 0; objective < report.Objectives.Count; objective++)
        {
            var gain = report.Scorings[1].Gain[objective];
            Line($"| {report.Objectives[objective]} | {100 * report.Scorings[0].Gauc[objective].Value:0.00} | {100 * report.Scorings[1].Gauc[objective].Value:0.00} | {100 * gain.Value:+0.00;-0.00} | {100 * gain.StandardError:0.000} |");
        }

        void Line(FormattableString text) => output.WriteLine(text.ToString(CultureInfo.InvariantCulture));
    }

    private static float[] Trained(Dataset data, ulong seed)
    {
        var config = new TrainingConfig { Training = new TrainingOptions { Seed = seed } };
        var priors = ObjectiveRates.Of(data, data.Train);
        using var trainer = new Trainer(data.Schema, config.Model, priors, config.Training);
        new TrainingLoop(data, data.Train, trainer, config.Training).Run(state =>
        {
            if (state.Step % 500 == 0)
            {
                Console.Error.WriteLine($"seed {seed}: step {state.Step} of {state.Steps}");
            }
        });
        using var scorer = new Scorer(data.Schema, config.Model, priors, trainer.Parameters, Environment.ProcessorCount);
        return scorer.Score(data, data.Test).Scores[0];
    }
}

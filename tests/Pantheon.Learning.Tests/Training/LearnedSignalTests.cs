using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Modeling;
using Pantheon.Modeling.Ranking;

namespace Pantheon.Learning.Tests.Training;

/// <summary>What a training finds of what was planted, on days that it has not seen.</summary>
public sealed class LearnedSignalTests
{
    private static readonly TrainingCase s_case = new(exposures: 4000);

    [Theory]
    [InlineData(Sharing.MixtureOfExperts)]
    [InlineData(Sharing.FactorizationMachine)]
    public void Train_PlantedSignal_LossFallsAndGaucIsWellAboveNoise(Sharing sharing)
    {
        // The machines without a head: what an experiment trains as a baseline.
        var model = sharing == Sharing.FactorizationMachine
            ? TrainingCase.Model with { Ranking = TrainingCase.Model.Ranking with { Sharing = sharing }, Heads = [] }
            : TrainingCase.Model;
        using var trainer = s_case.NewTrainer(model: model);
        var losses = s_case.Train(trainer);
        var predictions = s_case.Score(trainer, model);
        var exposures = new ScoredExposures(s_case.Data, s_case.Data.Test);

        var gauc = Gauc.ComputeEach(predictions.Pxtrs, exposures.Labels);

        var (early, late) = (losses.Take(5).Average(loss => loss[0]), losses.TakeLast(5).Average(loss => loss[0]));
        Assert.True(late < 0.9 * early, $"the loss went from {early} to {late}");
        var random = new Random(1);
        double[] chance = [.. Enumerable.Range(0, 20).Select(_ =>
            Gauc.Compute(predictions.Pxtrs[0].Select(_ => random.NextSingle()).ToArray(), exposures.Labels)[0])];
        var noise = Math.Sqrt(chance.Average(value => (value - 0.5) * (value - 0.5)));
        Assert.All(gauc.Objectives, objective => Assert.True(
            objective.Gauc > 0.5 + (8 * noise) && objective.Gauc > 0.7, $"GAUC {objective.Gauc}; a random score varies by {noise} around a half"));
    }

    [Fact]
    public void Train_WeightsOfOneObjective_RankByThatObjective()
    {
        var exposures = new ScoredExposures(s_case.Data, s_case.Data.Test);
        GaucTable Of(double click, double view)
        {
            var model = TrainingCase.Model with
            {
                Heads = [TrainingCase.Model.Heads[0] with { Weights = new Dictionary<string, double> { ["is_click"] = click, ["long_view"] = view } }],
            };
            using var trainer = s_case.NewTrainer(model: model);
            s_case.Train(trainer);
            return Gauc.Compute(s_case.Score(trainer, model).Scores[0], exposures.Labels);
        }

        var (clicks, views) = (Of(0.95, 0.05), Of(0.05, 0.95));

        Assert.True(clicks[0] > 0.65 && clicks[1] < 0.35, $"{clicks[0]}, {clicks[1]}");
        Assert.True(views[0] < 0.35 && views[1] > 0.65, $"{views[0]}, {views[1]}");
    }
}

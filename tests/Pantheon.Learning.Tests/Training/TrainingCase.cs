using Pantheon.Learning.Data;
using Pantheon.Learning.Optimizers;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Ranking;

namespace Pantheon.Learning.Tests.Training;

/// <summary>A small recommender over a small log, and trainers of it.</summary>
internal sealed class TrainingCase(int exposures)
{
    public static readonly RecommenderOptions Model = new()
    {
        Ranking = new RankingOptions { EmbeddingWidth = 4, Experts = 2, ExpertLayers = [8], TowerLayers = [6], AttentionWidth = 4 },
        Heads = [new HeadOptions { Network = new PantheonOptions { EmbeddingWidth = 4, Layers = [8] } }],
    };

    // Batches do not divide the rows, so that each pass ends with one that is not full.
    public static readonly TrainingOptions Options = new() { BatchSize = 96, Epochs = 3, Rate = 0.01, WarmupSteps = 0, Decay = LearningRateDecay.None, TableRate = 1, ClipNorm = 2, WeightDecay = 0.01, Threads = 1 };

    public Dataset Data { get; } = PlantedLog.Load(exposures);

    public IReadOnlyList<float> Priors => ObjectiveRates.Of(Data, Data.Train);

    public Trainer NewTrainer(TrainingOptions? options = null, RecommenderOptions? model = null) =>
        new(Data.Schema, model ?? Model, Priors, options ?? Options);

    /// <summary>Goes on to the end, or to a step, and gives the losses of each step.</summary>
    public List<float[]> Train(Trainer trainer, TrainingOptions? options = null, long? until = null)
    {
        var losses = new List<float[]>();
        using var stop = new CancellationTokenSource();
        var loop = new TrainingLoop(Data, Data.Train, trainer, options ?? Options);
        var parts = 1 + trainer.Recommender.Heads.Count;
        void Note(TrainingProgress state)
        {
            losses.Add([.. Enumerable.Range(0, parts).Select(trainer.Loss)]);
            if (state.Step == until)
            {
                stop.Cancel();
            }
        }

        if (until is null)
        {
            loop.Run(Note);
        }
        else
        {
            Assert.Throws<OperationCanceledException>(() => loop.Run(Note, stop.Token));
        }

        return losses;
    }

    /// <summary>Scores of the test rows.</summary>
    public Predictions Score(Trainer trainer, RecommenderOptions? model = null)
    {
        using var scorer = new Scorer(Data.Schema, model ?? Model, Priors, trainer.Parameters, threads: 1);
        return scorer.Score(Data, Data.Test);
    }

    /// <summary>The bits of all parameters.</summary>
    public static int[] Bits(Trainer trainer) =>
        [.. trainer.Parameters.Specs.SelectMany(spec => trainer.Parameters[spec.Name].ToArray()).Select(BitConverter.SingleToInt32Bits)];

    /// <summary>The first rows of the training period, in the trainer's batch.</summary>
    public void Fill(Trainer trainer, int count, int from = 0) =>
        Data.Fill([.. Enumerable.Range(Data.Train.Start + from, count)], trainer.Batch);
}

using Pantheon.Bundles;
using Pantheon.Cli.Create;
using Pantheon.Learning.Data;
using Pantheon.Learning.Publishing;
using Pantheon.Learning.Tests.Data;
using Pantheon.Learning.Tests.Training;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Ranking;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Train;

/// <summary>A recommender, trained on a small log, published, and in service in a process of its own; and the training's own scorer of it.</summary>
public sealed class TrainedService : IAsyncLifetime
{
    public const string Model = "planted";

    private readonly Rig.TemporaryFolder _repository = new();
    private Trainer? _trainer;

    public Dataset Data { get; private set; } = null!;

    public Scorer Scorer { get; private set; } = null!;

    public ServiceProcess Process { get; private set; } = null!;

    public Contracts.V1.Scoring.ScoringClient Client => new(Process.Channel);

    public async Task InitializeAsync()
    {
        using var folder = new TestFolder();
        PlantedLog.Write(folder, exposures: 1500, seed: 5);
        Data = folder.Load(new DatasetOptions
        {
            Features = new FeatureOptions
            {
                HistoryLength = 4,
                Objectives = ["is_click", "long_view"],
                // Some users and videos are too rare to have a row.
                MinCounts = new Dictionary<string, int> { ["user_id"] = 30, ["video_id"] = 40 },
            },
        });
        var model = new RecommenderOptions
        {
            Ranking = new RankingOptions { EmbeddingWidth = 4, Experts = 2, ExpertLayers = [8], TowerLayers = [6], AttentionWidth = 4 },
            Heads = [new HeadOptions { Network = new PantheonOptions { EmbeddingWidth = 4, Layers = [8] } }],
        };
        var options = new TrainingOptions { BatchSize = 128, Epochs = 4, Rate = 0.01, WarmupSteps = 0, TableRate = 1, Threads = 1 };
        var priors = ObjectiveRates.Of(Data, Data.Train);
        _trainer = new Trainer(Data.Schema, model, priors, options);
        new TrainingLoop(Data, Data.Train, _trainer, options).Run();
        Scorer = new Scorer(Data.Schema, model, priors, _trainer.Parameters, threads: 1);
        RecommenderBundle.Publish(
            new ModelRepository(_repository.Path), Model, Data, Data.Vocabularies, model, priors, _trainer.Parameters, new Moments(0.5, 0.1), DemoRequest.Of(Data, Data.Test, requests: 2),
            new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" }, staged => BundleCreation.Check(staged, CancellationToken.None));
        Process = await ServiceProcess.StartReadyAsync(_repository.Path);
    }

    public async Task DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Scorer?.Dispose();
        _trainer?.Dispose();
        _repository.Dispose();
    }
}

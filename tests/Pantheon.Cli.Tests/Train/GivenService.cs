using Pantheon.Bundles;
using Pantheon.Cli.Create;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Frozen;
using Pantheon.Learning.Publishing;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Train;

/// <summary>A ranking model that PyTorch exported, with a head trained on its states, in service in a process of its own; and the training's own scorer.</summary>
internal sealed class GivenService : IAsyncDisposable
{
    private readonly Workplace _place = new();
    private Trainer? _trainer;

    public const string Model = "given";

    // Beside theirs, so that it is the only one to serve.
    private string Repository => _place.PathOf("served");

    public Dataset Data { get; private set; } = null!;

    public Scorer Scorer { get; private set; } = null!;

    public Bundle Bundle { get; private set; } = null!;

    public ServiceProcess Process { get; private set; } = null!;

    public static async Task<GivenService> StartAsync(Func<Workplace, string> create, string[] states)
    {
        var service = new GivenService();
        try
        {
            service.Train(create, states);
            service.Process = await ServiceProcess.StartReadyAsync(service.Repository);
            return service;
        }
        catch
        {
            await service.DisposeAsync();
            throw;
        }
    }

    public async ValueTask DisposeAsync()
    {
        if (Process is not null)
        {
            await Process.DisposeAsync();
        }

        Scorer?.Dispose();
        _trainer?.Dispose();
        _place.Dispose();
    }

    private void Train(Func<Workplace, string> create, string[] states)
    {
        var ranking = FrozenRanking.Open(Bundle.Open(Path.Combine(create(_place), "1")), states);
        var model = new RecommenderOptions { Heads = [new HeadOptions { Network = new PantheonOptions { EmbeddingWidth = 4, Layers = [8] } }] };
        var folder = LogFolder.Open(TinyLog.Write(_place.PathOf("log")));
        Data = BundleFeatures.Load(ranking.Bundle, folder, folder.DefaultOptions, [model.UserFeature, model.ItemFeature]);
        ranking.Check(Data);
        var priors = ObjectiveRates.Of(Data, Data.Train);
        var options = new TrainingOptions { BatchSize = 128, Epochs = 4, Rate = 0.01, WarmupSteps = 0, Threads = 1 };
        _trainer = new Trainer(Data.Schema, model, priors, options, ranking);
        new TrainingLoop(Data, Data.Train, _trainer, options).Run();
        Scorer = new Scorer(Data.Schema, model, priors, _trainer.Parameters, threads: 1, ranking);
        Bundle = FrozenBundle.Publish(
            Repository, Model, Data, model, ranking, priors, _trainer.Parameters, new Moments(0.5, 0.1), new Moments(0.4, 0.1), DemoRequest.Of(Data, Data.Test, requests: 2),
            new Lineage { CreatedAt = DateTimeOffset.UnixEpoch, CreatedBy = "test" }, staged => BundleCreation.Check(staged, CancellationToken.None));
    }
}

namespace Pantheon.Cli.Tests.Train;

/// <summary>A model trained once by the command, on a log of a test's own; tests read it and publish beside it.</summary>
public sealed class TrainedModel : IDisposable
{
    private readonly Workplace _place = new();

    public TrainedModel()
    {
        Data = TinyLog.Write(_place.PathOf("log"));
        Run = CliRun.Of(
            "train", "--data", Data, "--config", _place.Write("config.json", TinyLog.Config), "--model", "tiny", "--repository", Models, "--out", PathOf("run")).Succeeded();
    }

    internal string Data { get; }

    /// <summary>What the training said.</summary>
    internal CliRun Run { get; }

    internal string Models => _place.Models;

    internal string Bundle => Path.Combine(Models, "tiny");

    internal string PathOf(string name) => _place.PathOf(name);

    public void Dispose() => _place.Dispose();
}

/// <summary>The tests that share one trained model.</summary>
[CollectionDefinition(Name)]
public sealed class TrainedModelTests : ICollectionFixture<TrainedModel>
{
    public const string Name = "a trained model";
}

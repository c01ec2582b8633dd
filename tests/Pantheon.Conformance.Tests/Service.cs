using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>One service for all clients, with the shipped model and a probe. Tests of its collection run one after the other.</summary>
[CollectionDefinition(nameof(Service))]
public sealed class Service : IAsyncLifetime, ICollectionFixture<Service>
{
    private readonly TemporaryFolder _repository = new();

    public ServiceProcess Process { get; private set; } = null!;

    public Scoring.ScoringClient Client => new(Process.Channel);

    public async Task InitializeAsync()
    {
        DemoModel.Shipped.CopyTo(_repository.Path);
        ProbeModel.Publish(_repository.Path, ProbeModel.Strict);
        Process = await ServiceProcess.StartReadyAsync(_repository.Path, $"DefaultModel={DemoModel.Name}");
        await Poll.UntilAsync(
            async () => (await Process.GetAsync("/metrics")).Body.Contains($"model=\"{ProbeModel.Strict}\"", StringComparison.Ordinal), "the probe is loaded");
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _repository.Dispose();
    }
}

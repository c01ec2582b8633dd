using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>A service with every probe model, for tests that leave it as they found it. Those of its collection run one after the other.</summary>
[CollectionDefinition(nameof(Service))]
public sealed class Service : IAsyncLifetime, ICollectionFixture<Service>
{
    private readonly TemporaryFolder _repository = new();

    public ServiceProcess Process { get; private set; } = null!;

    public ScoringClient Client => new(Process.Channel);

    public static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public async Task InitializeAsync()
    {
        DemoModel.Shipped.CopyTo(_repository.Path);
        string[] probes = [ProbeModel.Strict, ProbeModel.Failing, ProbeModel.Dropping, ProbeModel.Words];
        foreach (var probe in probes)
        {
            ProbeModel.Publish(_repository.Path, probe);
        }

        // Room for a request above each limit, and a stream that can be filled.
        Process = await ServiceProcess.StartReadyAsync(
            _repository.Path, $"DefaultModel={DemoModel.Name}", "Limits:MaxCandidates=512", "Limits:MaxFeatureBytes=65536", "Limits:MaxTopK=100",
            "MaxMessageBytes=1048576", "MaxStreamConcurrency=4", "Admission:Concurrency=2");
        await Poll.UntilAsync(
            async () =>
            {
                var metrics = (await Process.GetAsync("/metrics")).Body;
                return probes.All(probe => metrics.Contains($"model=\"{probe}\"", StringComparison.Ordinal));
            },
            "the probes are loaded");
    }

    public async Task DisposeAsync()
    {
        await Process.DisposeAsync();
        _repository.Dispose();
    }

    /// <summary>Sends a request that must fail.</summary>
    /// <returns>The status that it failed with.</returns>
    public async Task<Status> FailAsync(RankRequest request) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await Client.RankAsync(request, deadline: Soon))).Status;
}

using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ModelsClient = Pantheon.Contracts.V1.Models.ModelsClient;

namespace Pantheon.Serving.Tests.Lifecycle;

/// <summary>A service whose models are in an S3 server that is not ours.</summary>
public sealed class S3RepositoryTests : IDisposable
{
    private const string Name = "probe";

    private readonly TemporaryFolder _folder = new();

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tool.S3rver)]
    public async Task Serve_FromAStore_SwapsDeletesAndOutlivesIt()
    {
        await using var store = await S3Server.CreateAsync();
        Publish(store);
        await using (var service = await StartAsync(store, "Rollout:KeepVersions=2"))
        {
            Assert.Equal(1, (await RankAsync(service)).Version);
            Publish(store);
            await Poll.UntilAsync(async () => (await RankAsync(service)).Version == 2, "the new version is found and serves");
            await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 1 }, deadline: Soon);
            store.Kill();
            await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Contains("the store cannot be reached", StringComparison.Ordinal), "the model says so");
            // Both are here, and the table is elsewhere.
            await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 2 }, deadline: Soon);
            Assert.Equal(2, (await RankAsync(service)).Version);
        }

        // A restart serves what the cache has.
        await using (var service = await StartAsync(store, "Rollout:KeepVersions=2"))
        {
            Assert.Equal(2, (await RankAsync(service)).Version);
            Assert.Equal([1L, 2L], (await GetAsync(service)).Versions.Select(version => version.Version));
            await store.StartAsync();
            Publish(store);
            await Poll.UntilAsync(async () => (await GetAsync(service)).Versions.Any(version => version.Version == 3), "the store is read again");
            await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Version = 3 }, deadline: Soon);
            Assert.Equal(3, (await RankAsync(service)).Version);
            // 2 is what a rollback would return to.
            await Poll.UntilAsync(async () => (await GetAsync(service)).Versions.Select(version => version.Version).SequenceEqual([2L, 3L]), "version 1 is deleted");
        }
    }

    [ToolFact(Tool.S3rver)]
    public async Task Start_TableBesideModelsInAStore_IsOneLineThatNamesTheSetting()
    {
        await using var service = ServiceProcess.Launch("s3://models/live");
        Assert.Equal(1, await service.ExitAsync());
        Assert.Contains("setting Serving:Rollout:Table: got 'File', expected Store, as nobody shares a file beside models that are in S3", service.Output, StringComparison.Ordinal);
    }

    [ToolFact(Tool.S3rver)]
    public async Task Start_StoreIsAwayAndNothingIsCached_SaysWhy()
    {
        await using var store = await S3Server.CreateAsync();
        store.Kill();
        await using var service = ServiceProcess.Launch("s3://models/live", Settings(store));
        Assert.Equal(1, await service.ExitAsync());
        Assert.Contains("the model repository 's3://models/live' holds no model", service.Output, StringComparison.Ordinal);
        Assert.Contains("the store cannot be reached", service.Output, StringComparison.Ordinal);
        // Told which model to serve, it waits for it.
        await using var waiting = await ServiceProcess.StartAsync("s3://models/live", [.. Settings(store), $"Models:0={Name}"]);
        await store.StartAsync();
        Publish(store);
        await waiting.ReadyAsync();
        Assert.Equal(1, (await RankAsync(waiting)).Version);
    }

    private static async Task<RankResponse> RankAsync(ServiceProcess service) => await new ScoringClient(service.Channel).RankAsync(ProbeModel.Request(Name), deadline: Soon);

    private static async Task<Model> GetAsync(ServiceProcess service) => await new ModelsClient(service.Channel).GetAsync(new GetModelRequest { Model = Name }, deadline: Soon);

    private void Publish(S3Server store)
    {
        using var repository = new S3ModelRepository("s3://models/live", new S3Options { Endpoint = store.Endpoint, ForcePathStyle = true, Cache = _folder["publisher"] });
        ProbeModel.Publish(repository, Name, Manifest.NextVersion);
    }

    private Task<ServiceProcess> StartAsync(S3Server store, params string[] settings) =>
        ServiceProcess.StartReadyAsync("s3://models/live", [.. Settings(store), .. settings]);

    private string[] Settings(S3Server store) =>
    [
        $"S3:Endpoint={store.Endpoint}", "S3:ForcePathStyle=true", $"S3:Cache={_folder["cache"]}", "Rollout:Table=Store", $"Rollout:TableCopy={_folder["copy.json"]}",
        "Exposures:Store=Sqlite", $"Exposures:Path={_folder["exposures.db"]}",
    ];
}

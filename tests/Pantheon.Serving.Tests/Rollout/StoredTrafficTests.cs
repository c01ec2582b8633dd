using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Stores;
using Pantheon.Rig;
using ModelsClient = Pantheon.Contracts.V1.Models.ModelsClient;

namespace Pantheon.Serving.Tests.Rollout;

/// <summary>The traffic table in the store of exposures: what holds while that is away, and what comes back.</summary>
public sealed class StoredTrafficTests : IDisposable
{
    private const string Name = "probe";

    private readonly TemporaryFolder _folder = new();

    public StoredTrafficTests()
    {
        foreach (var version in (long[])[1, 2, 3])
        {
            ProbeModel.Publish(Repository, Name, version);
        }
    }

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    private string Repository => _folder["models"];

    private string Database => _folder["exposures.db"];

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Promote_OneOfTwoReplicas_HoldsForBothAndForWhoeverStartsLater()
    {
        await using var one = await StartAsync("one");
        await using var other = await StartAsync("other");
        var promoted = await new ModelsClient(one.Channel).PromoteAsync(new PromoteModelRequest { Model = Name, Version = 1 }, deadline: Soon);
        var tried = await new ModelsClient(other.Channel).SetCanaryAsync(new SetCanaryRequest { Model = Name, Version = 2, Percent = 100 }, deadline: Soon);

        Assert.Equal((1, 1), (promoted.Model.Revision, promoted.Model.BaseVersion));
        // The one it was asked of is the first to have it; what it declares says what the other's change left.
        Assert.Equal((2, 1, 2), (tried.Model.Revision, tried.Change.BaseVersion, tried.Model.CanaryVersion));
        foreach (var replica in (ServiceProcess[])[one, other])
        {
            await Poll.UntilAsync(async () => await GetAsync(replica) is { BaseVersion: 1, CanaryVersion: 2 }, "both follow");
        }

        await using var late = await StartAsync("late");
        Assert.Equal((2, 1), ((await GetAsync(late)).Revision, (await GetAsync(late)).BaseVersion));
        Assert.False(File.Exists(Path.Combine(Repository, Name, "traffic.json")));
        Assert.Empty(one.Errors.Concat(other.Errors).Concat(late.Errors));
    }

    [Fact]
    public async Task Start_StoreIsAway_ServesWhatWasDeclaredLastAndRecoversByItself()
    {
        await using (var first = await StartAsync("one"))
        {
            await new ModelsClient(first.Channel).PromoteAsync(new PromoteModelRequest { Model = Name, Version = 2 }, deadline: Soon);
        }

        foreach (var file in Directory.GetFiles(_folder.Path, "exposures.db*"))
        {
            File.Move(file, file.Replace("exposures", "aside", StringComparison.Ordinal));
        }

        Directory.CreateDirectory(Database);
        await using var service = await StartAsync("one");
        var model = await GetAsync(service);
        Assert.Equal((2, 1), (model.BaseVersion, model.Revision));
        Assert.Contains(Database, model.Problem, StringComparison.Ordinal);
        Assert.Equal(2, (await new ScoringClient(service.Channel).RankAsync(ProbeModel.Request(Name), deadline: Soon)).Version);
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Model = Name, Version = 3 }, deadline: Soon));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);

        Directory.Delete(Database);
        foreach (var file in Directory.GetFiles(_folder.Path, "aside.db*"))
        {
            File.Move(file, file.Replace("aside", "exposures", StringComparison.Ordinal));
        }

        await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Length == 0, "the store is read again");
        var promoted = await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Model = Name, Version = 3 }, deadline: Soon);
        Assert.Equal((3, 2), (promoted.Model.BaseVersion, promoted.Model.Revision));
    }

    [Fact]
    public async Task Start_StoreIsAwayAndNothingWasEverKnown_ServesNothingUntilItIs()
    {
        Directory.CreateDirectory(Database);
        await using var service = await LaunchAsync("new");
        await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Contains(Database, StringComparison.Ordinal), "the model says why");
        Assert.Equal(0, (await GetAsync(service)).BaseVersion);
        Assert.NotEqual(System.Net.HttpStatusCode.OK, (await service.GetAsync("/readyz")).Status);

        Directory.Delete(Database);
        await service.ReadyAsync();
        Assert.Equal(3, (await GetAsync(service)).BaseVersion);
    }

    [Theory]
    [InlineData(null, "it is gone from the store")]
    [InlineData("no table", "not a table of schema version 1")]
    public async Task Table_GoneOrNoTable_WhatItDeclaredStillHolds(string? text, string expected)
    {
        await using var service = await StartAsync("one");
        await new ModelsClient(service.Channel).PromoteAsync(new PromoteModelRequest { Model = Name, Version = 2 }, deadline: Soon);
        await using var store = ExposureStores.OpenSqlite(new() { Path = Database });
        if (text is null)
        {
            Assert.True(await store.Notes.DeleteAsync($"traffic/{Name}"));
        }
        else
        {
            await store.Notes.WriteAsync($"traffic/{Name}", text);
        }

        await Poll.UntilAsync(async () => (await GetAsync(service)).Problem.Contains(expected, StringComparison.Ordinal), "the model says so");
        Assert.Equal(2, (await GetAsync(service)).BaseVersion);
    }

    [Fact]
    public async Task Start_NoStore_IsOneLineThatNamesTheSetting()
    {
        await using var service = ServiceProcess.Launch(Repository, "Rollout:Table=Store");
        Assert.Equal(1, await service.ExitAsync());
        Assert.Contains("setting Serving:Rollout:Table: got 'Store', expected File, as setting Serving:Exposures:Store is None", service.Output, StringComparison.Ordinal);
    }

    private static async Task<Model> GetAsync(ServiceProcess service) =>
        await new ModelsClient(service.Channel).GetAsync(new GetModelRequest { Model = Name }, deadline: Soon);

    private Task<ServiceProcess> LaunchAsync(string replica) => ServiceProcess.StartAsync(Repository, Settings(replica));

    private Task<ServiceProcess> StartAsync(string replica) => ServiceProcess.StartReadyAsync(Repository, Settings(replica));

    private string[] Settings(string replica) =>
        ["Exposures:Store=Sqlite", $"Exposures:Path={Database}", "Rollout:Table=Store", $"Rollout:TableCopy={_folder[$"{replica}.json"]}"];
}

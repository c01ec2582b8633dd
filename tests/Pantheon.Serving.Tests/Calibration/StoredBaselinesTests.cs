using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Stores;
using Pantheon.Rig;
using CalibrationsClient = Pantheon.Contracts.V1.Calibrations.CalibrationsClient;

namespace Pantheon.Serving.Tests.Calibration;

/// <summary>The frozen baseline in the store that replicas share, each with a folder of bundles of its own, as where those come from S3.</summary>
public sealed class StoredBaselinesTests : IDisposable
{
    private const string Key = $"baseline/{ScaledModel.Name}";
    private const string Often = "Calibration:UpdateSeconds=0.1";
    private const string Never = "Calibration:UpdateSeconds=3600";

    // Scores 1 and 0 by the bundle's moments, and by them to what they were frozen as: 2 and 1.
    private static readonly float[] s_manifest = [3, 1];
    private static readonly float[] s_frozen = [3, 2];

    private static readonly CalibrationSpec s_bundle = new() { Own = new Moments(0, 1), Baseline = new Moments(1, 2) };

    private readonly TemporaryFolder _folder = new();

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    private string Database => _folder["exposures.db"];

    private string[] Sqlite => ["Exposures:Store=Sqlite", $"Exposures:Path={Database}"];

    public void Dispose() => _folder.Dispose();

    [ToolFact(Tool.Postgres)]
    public async Task Freeze_ThroughOneOfThree_AllAnswerOnItsScaleAsSoonAsTheStoreTellsThem()
    {
        await using var postgres = await PostgresServer.CreateAsync();
        string[] shared = ["Exposures:Store=Postgres", $"Exposures:ConnectionString={await postgres.CreateDatabaseAsync()}"];
        await using var one = await StartAsync("one", [.. shared, Never]);
        await using var two = await StartAsync("two", [.. shared, Never]);
        await using var three = await StartAsync("three", [.. shared, Never]);
        ServiceProcess[] all = [one, two, three];
        await AgreeAsync(s_manifest, all);
        await RankAsync(one);

        Assert.Equal(1, (await FreezeAsync(one)).Baseline.Version);

        // Nobody looks again for an hour.
        await AgreeAsync(s_frozen, all);
        foreach (var service in all)
        {
            Assert.Equal((1, "ada"), ((await GetAsync(service)).Baseline.Version, (await GetAsync(service)).Baseline.Requester));
        }

        Assert.Empty(Directory.GetFiles(_folder.Path, FrozenBaseline.FileName, SearchOption.AllDirectories));

        postgres.Kill();
        var refused = await Assert.ThrowsAsync<RpcException>(() => FreezeAsync(two));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("PostgreSQL", refused.Status.Detail, StringComparison.Ordinal);
        await AgreeAsync(s_frozen, all);

        // One that starts meanwhile goes by the manifest until it is told.
        await using var late = await StartAsync("two", [.. shared, Often]);
        await AgreeAsync(s_manifest, late);
        Assert.Contains("PostgreSQL", (await GetAsync(late)).Problem, StringComparison.Ordinal);
        await postgres.StartAsync();
        await AgreeAsync(s_frozen, late);
        Assert.Equal((1, ""), ((await GetAsync(two)).Baseline.Version, (await GetAsync(two)).Problem));
    }

    [Fact]
    public async Task Baseline_Damaged_WhatWasReadBeforeHoldsAndTheFieldIsNamed()
    {
        await using var one = await StartAsync("one", [.. Sqlite, Often]);
        await using var other = await StartAsync("other", [.. Sqlite, Often]);
        await RankAsync(one);
        await FreezeAsync(one);
        await AgreeAsync(s_frozen, one, other);
        await using var store = ExposureStores.OpenSqlite(new() { Path = Database });
        var good = (await store.Notes.ReadAsync(Key))!.Text;
        var damaged = FrozenBaseline.Parse(System.Text.Encoding.UTF8.GetBytes(good), Key) with { Version = 0 };
        await store.Notes.WriteAsync(Key, System.Text.Encoding.UTF8.GetString(damaged.ToJson()));

        const string Problem = $"{Key}: version: got 0, expected 1 or above";
        await Poll.UntilAsync(async () => (await GetAsync(other)).Problem == Problem, "the problem is told");
        Assert.Equal(s_frozen, await AnswerAsync(other));
        var refused = await Assert.ThrowsAsync<RpcException>(() => FreezeAsync(other));
        Assert.Equal((StatusCode.FailedPrecondition, $"the frozen baseline that there is cannot be read; mend or remove it first: {Problem}"), (refused.StatusCode, refused.Status.Detail));
        // Without one read before, the manifest's.
        await using (var late = await StartAsync("late", [.. Sqlite, Often]))
        {
            await AgreeAsync(s_manifest, late);
        }

        await store.Notes.WriteAsync(Key, good);
        await Poll.UntilAsync(async () => (await GetAsync(other)).Problem.Length == 0, "it can be read again");
        // And one that starts now has it from its first answer on.
        await using (var next = await StartAsync("late", [.. Sqlite, Never]))
        {
            Assert.Equal(s_frozen, await AnswerAsync(next));
        }

        // Taken away, the manifests hold again.
        await store.Notes.DeleteAsync(Key);
        await AgreeAsync(s_manifest, one, other);
    }

    [Fact]
    public async Task Freeze_ThroughTwoAtOnce_NoneReplacesTheOthersUnseen()
    {
        const int Rounds = 10;
        await using var one = await StartAsync("one", [.. Sqlite, Often]);
        await using var other = await StartAsync("other", [.. Sqlite, Often]);
        await RankAsync(one);
        await RankAsync(other);
        var frozen = 0;
        for (var round = 0; round < Rounds; round++)
        {
            foreach (var freeze in ((ServiceProcess[])[one, other]).Select(FreezeAsync).ToList())
            {
                try
                {
                    await freeze;
                    frozen++;
                }
                catch (RpcException error)
                {
                    Assert.Equal(StatusCode.Unavailable, error.StatusCode);
                    Assert.EndsWith("somebody else changed it meanwhile", error.Status.Detail, StringComparison.Ordinal);
                }
            }
        }

        await using var store = ExposureStores.OpenSqlite(new() { Path = Database });
        var notes = await store.Notes.ListAsync(Key);
        // As many versions as were answered, and each that was replaced is still there.
        Assert.Equal([.. Enumerable.Range(1, frozen - 1).Select(version => $"{Key}/{version}").Append(Key).Order(StringComparer.Ordinal)], notes.Select(note => note.Key));
        Assert.InRange(frozen, Rounds, 2 * Rounds);
        Assert.Equal(frozen, (await GetAsync(one)).Baseline.Version);

        await store.Notes.WriteAsync(Key, notes.Single(note => note.Key == $"{Key}/1").Text);
        await Poll.UntilAsync(async () => (await GetAsync(other)).Baseline.Version == 1, "the first is the baseline again");
    }

    private static async Task RankAsync(ServiceProcess service)
    {
        for (var request = 0; request < 30; request++)
        {
            await new ScoringClient(service.Channel).RankAsync(ScaledModel.Request("user", [0, 1], [0, 0]), deadline: Soon);
        }
    }

    // By a pin, which is not measured.
    private static async Task<float[]> AnswerAsync(ServiceProcess service) =>
        [.. (await new ScoringClient(service.Channel).RankAsync(ScaledModel.Request("user", [1, 0], [0, 0], version: 1), deadline: Soon)).Items.Select(item => MathF.Round(item.Score, 4))];

    private static Task AgreeAsync(float[] answer, params ServiceProcess[] services) => Task.WhenAll(services.Select(service =>
        Poll.UntilAsync(async () => (await AnswerAsync(service)).SequenceEqual(answer), $"the answer is {string.Join(", ", answer)}")));

    private static async Task<ModelCalibration> GetAsync(ServiceProcess service) =>
        await new CalibrationsClient(service.Channel).GetAsync(new GetCalibrationRequest(), deadline: Soon);

    private static async Task<ModelCalibration> FreezeAsync(ServiceProcess service) =>
        await new CalibrationsClient(service.Channel).FreezeAsync(new FreezeBaselineRequest { Requester = new Requester { Name = "ada" } }, deadline: Soon);

    private async Task<ServiceProcess> StartAsync(string replica, string[] settings)
    {
        var models = _folder[$"{replica}-models"];
        if (!Directory.Exists(models))
        {
            ScaledModel.Publish(models, 1, weight: 1, slope: 1, shift: 0, s_bundle);
        }

        // By the bundle's moments and the baseline alone.
        var service = await ServiceProcess.StartReadyAsync(
            models,
            ["Rollout:Table=Store", $"Rollout:TableCopy={_folder[$"{replica}.json"]}", "Calibration:Streaming=false", "Calibration:MinRequests=20", "Calibration:MinScores=40", .. settings]);
        await Poll.UntilAsync(() => Task.FromResult(service.Output.Contains("[2301]", StringComparison.Ordinal) || service.Output.Contains("[2302]", StringComparison.Ordinal)), "the store is open or away");
        return service;
    }
}

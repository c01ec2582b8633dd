using System.Diagnostics;
using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;
using Pantheon.Rig;
using Xunit.Abstractions;

namespace Pantheon.Cluster.Tests;

/// <summary>What becomes of callers, and of what they were told, when versions change and machines die.</summary>
[Collection(nameof(Cluster))]
public sealed class ClusterTests(Cluster cluster, ITestOutputHelper output) : IClassFixture<Cluster>
{
    private const string Dropped = "pantheon_exposures_dropped_total";

    // A third of a second of one core.
    private const long SlowRounds = 20_000;

    private static readonly TimeSpan s_converged = TimeSpan.FromSeconds(2);

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Change_ThroughOneReplica_HoldsEverywhereWithinTwoSecondsAndNoRequestFails()
    {
        await cluster.SettleAsync(1);
        await using var traffic = new Traffic(cluster.Proxy);
        await traffic.MoreAsync(100);
        for (var round = 0; round < 2; round++)
        {
            // Loading takes what loading takes; what is loaded everywhere changes hands at once. By another replica each time.
            var version = 2L + round;
            await cluster.Models(round).LoadAsync(new LoadModelRequest { Model = Cluster.Model, Version = version }, deadline: Soon);
            var loaded = await cluster.AgreeAsync(model => model.Versions.Single(one => one.Version == version).State == VersionState.Ready);
            output.WriteLine($"version {version}: ready on the others {loaded.TotalSeconds:F2} s after the first");
            await ChangeAsync(
                traffic, "canary", round,
                models => models.SetCanaryAsync(new SetCanaryRequest { Model = Cluster.Model, Version = version, Percent = 50 }, deadline: Soon),
                model => model.CanaryVersion == version, versions => versions.Order().SequenceEqual([1L, version]));
            await ChangeAsync(
                traffic, "end of the trial", round + 1,
                models => models.RollbackAsync(new RollbackModelRequest { Model = Cluster.Model }, deadline: Soon),
                model => model.CanaryVersion == 0, versions => versions.SequenceEqual([1L]));
            await ChangeAsync(
                traffic, "swap", round + 2,
                models => models.PromoteAsync(new PromoteModelRequest { Model = Cluster.Model, Version = version }, deadline: Soon),
                model => model.BaseVersion == version, versions => versions.SequenceEqual([version]));
            await ChangeAsync(
                traffic, "rollback", round,
                models => models.RollbackAsync(new RollbackModelRequest { Model = Cluster.Model }, deadline: Soon),
                model => model.BaseVersion == 1, versions => versions.SequenceEqual([1L]));
        }

        await traffic.StopAsync();
        output.WriteLine($"{traffic.Answers.Count} requests, {traffic.FirstTryFailures} attempts failed");
        Assert.Empty(traffic.Failures);
        Assert.Equal(0, traffic.FirstTryFailures);
    }

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Kill_OfAReplica_IsHiddenByTheProxyAndOneMoreTry()
    {
        await cluster.SettleAsync(1);
        var from = Now();
        var dropped = await cluster.All[Cluster.Forgetful].MetricAsync(Dropped);
        await using var traffic = new Traffic(cluster.Proxy);
        await traffic.MoreAsync(100);
        // Small ones, which the proxy can send again by itself, and some that are too large for that, are with it when it dies.
        for (var request = 0; request < 12; request++)
        {
            traffic.Send(SlowRounds, request % 2 == 0 ? 3 : 4096);
        }

        await Poll.UntilAsync(async () => await cluster.All[1].MetricAsync("pantheon_requests_running") > 0, "it is at work");
        var killed = Stopwatch.GetTimestamp();
        await cluster.KillAsync(1);
        await traffic.MoreAsync(300);
        var hidden = traffic.FirstTryFailures;
        await cluster.RestartAsync(1);
        await cluster.TakesTrafficAsync(1);

        // Told to go, and not killed, it is missed by nobody, retry or not.
        var before = traffic.FirstTryFailures;
        cluster.All[2].Terminate();
        Assert.Equal(0, await cluster.All[2].ExitAsync());
        await traffic.MoreAsync(100);
        var drained = traffic.FirstTryFailures - before;
        await cluster.KillAsync(2);
        await cluster.RestartAsync(2);
        await cluster.TakesTrafficAsync(2);
        await traffic.StopAsync();

        await cluster.StoredAsync();
        dropped = await cluster.All[Cluster.Forgetful].MetricAsync(Dropped) - dropped;
        var missing = (await MissingAsync(traffic, from)).ConvertAll(answer => Stopwatch.GetElapsedTime(answer.Came, killed).TotalSeconds);
        var lost = missing.Where(age => age is > -1 and < 2).ToList();
        output.WriteLine(
            $"{traffic.Answers.Count} requests; kill -9: {hidden} first attempts failed, {lost.Count} rankings not stored, the oldest answered {lost.DefaultIfEmpty().Max():F2} s before; "
            + $"SIGTERM: {drained} first attempts failed");
        Assert.Empty(traffic.Failures);
        Assert.Equal(0, drained);
        // What waited in the killed replica's memory, and nothing else that nobody counted.
        Assert.InRange(missing.Count - lost.Count, 0, dropped);
    }

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Kill_OfPostgres_NobodyStopsServingAndTheReaderCatchesUp()
    {
        await cluster.SettleAsync(1);
        var dropped = await cluster.MetricAsync(Dropped);
        var from = Now();
        await using var traffic = new Traffic(cluster.Proxy);
        await traffic.MoreAsync(100);

        cluster.Postgres.Kill();
        await Poll.UntilAsync(async () => await cluster.MetricAsync(Dropped) > dropped, "rankings are dropped");
        await Poll.UntilAsync(async () => (await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.GetAsync))).All(model => model.Problem.Contains("PostgreSQL", StringComparison.Ordinal)), "all say so");
        var refused = await Assert.ThrowsAsync<RpcException>(async () =>
            await cluster.Models(0).PromoteAsync(new PromoteModelRequest { Model = Cluster.Model, Version = Cluster.Versions }, deadline: Soon));
        Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        Assert.Contains("PostgreSQL", refused.Status.Detail, StringComparison.Ordinal);
        Assert.True(traffic.RefusedReports > 0);
        await traffic.MoreAsync(100);

        await cluster.Postgres.StartAsync();
        var back = Stopwatch.GetTimestamp();
        await cluster.AgreeAsync(model => model.BaseVersion == 1);
        var known = Stopwatch.GetElapsedTime(back);
        await cluster.Models(2).PromoteAsync(new PromoteModelRequest { Model = Cluster.Model, Version = Cluster.Versions }, deadline: Soon);
        var took = await cluster.AgreeAsync(model => model.BaseVersion == Cluster.Versions);
        await traffic.StopAsync();

        await cluster.StoredAsync();
        var missing = await MissingAsync(traffic, from);
        dropped = await cluster.MetricAsync(Dropped) - dropped;
        output.WriteLine(
            $"{traffic.Answers.Count} requests, {traffic.FirstTryFailures} attempts failed; {traffic.RefusedReports} reports refused and {traffic.Reported.Count} stored; "
            + $"{missing.Count} rankings not stored, {dropped} counted as dropped; table known again {known.TotalSeconds:F2} s after the server, next change everywhere {took.TotalSeconds:F2} s after its answer");
        Assert.Empty(traffic.Failures);
        Assert.Equal(0, traffic.FirstTryFailures);
        Assert.All(traffic.Answers, answer => Assert.NotEqual("", answer.RankingId));
        Assert.Equal(dropped, missing.Count);
    }

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Pause_OfPostgres_NoRequestWaitsForIt()
    {
        await cluster.SettleAsync(1);
        await using var traffic = new Traffic(cluster.Proxy);
        await traffic.MoreAsync(50);
        cluster.Postgres.Pause();
        try
        {
            await Poll.UntilAsync(
                async () => (await Task.WhenAll(Enumerable.Range(0, 3).Select(cluster.GetAsync))).All(model => model.Problem.Length > 0), "all say that it does not answer");
            await traffic.MoreAsync(50);
            var refused = await Assert.ThrowsAsync<RpcException>(async () =>
                await cluster.Models(0).PromoteAsync(new PromoteModelRequest { Model = Cluster.Model, Version = 2 }, deadline: Soon));
            Assert.Equal(StatusCode.Unavailable, refused.StatusCode);
        }
        finally
        {
            cluster.Postgres.Resume();
        }

        await cluster.AgreeAsync(model => model.BaseVersion == 1);
        await traffic.StopAsync();
        var slowest = traffic.Answers.Max(answer => Stopwatch.GetElapsedTime(answer.Sent, answer.Came));
        output.WriteLine($"{traffic.Answers.Count} requests, the slowest took {slowest.TotalSeconds:F2} s");
        Assert.Empty(traffic.Failures);
        Assert.Equal(0, traffic.FirstTryFailures);
    }

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Restart_WhilePostgresIsAway_ServesWhatWasDeclaredLast()
    {
        // Not the newest, which would serve if nothing were declared.
        await cluster.SettleAsync(2);
        await using var traffic = new Traffic(cluster.Proxy);
        await traffic.MoreAsync(50);
        cluster.Postgres.Kill();
        await cluster.KillAsync(0);
        await cluster.RestartAsync(0);
        await cluster.TakesTrafficAsync(0);
        Assert.Equal(2, (await cluster.GetAsync(0)).BaseVersion);

        await cluster.Postgres.StartAsync();
        await cluster.AgreeAsync(model => model.BaseVersion == 2);
        await traffic.StopAsync();
        Assert.Empty(traffic.Failures);
        Assert.All(traffic.Answers, answer => Assert.Equal(2, answer.Version));
    }

    private async Task ChangeAsync(
        Traffic traffic, string what, int replica, Func<Models.ModelsClient, AsyncUnaryCall<ChangeModelResponse>> change, Func<Model, bool> holds, Func<IEnumerable<long>, bool> answers)
    {
        var asked = Stopwatch.GetTimestamp();
        await change(cluster.Models(replica % cluster.All.Count));
        var answered = Stopwatch.GetElapsedTime(asked);
        var took = await cluster.AgreeAsync(holds);
        var agreed = Stopwatch.GetTimestamp();
        output.WriteLine($"{what}: answered after {answered.TotalSeconds:F2} s, everywhere {took.TotalSeconds:F2} s later");
        Assert.InRange(took, TimeSpan.Zero, s_converged);
        // And so say the answers to whatever is asked from then on.
        await traffic.MoreAsync(50);
        await Poll.UntilAsync(() => Task.FromResult(answers(traffic.Answers.Where(answer => answer.Sent > agreed).Select(answer => answer.Version).Distinct())), what);
    }

    // Answers whose rankings a learner does not find, of those that have an id. Of reports that were answered it must find every one.
    private async Task<List<Answer>> MissingAsync(Traffic traffic, DateTimeOffset from)
    {
        await using var store = await ExposureStores.OpenPostgresAsync(new() { ConnectionString = cluster.Database });
        HashSet<Guid> rankings = [];
        HashSet<Guid> reports = [];
        var now = Now();
        await foreach (var stored in store.ReadAsync(new ExposureWindow(from, now, now)))
        {
            Assert.False(stored.LateRanking);
            Assert.Equal(0, stored.LateReports);
            _ = stored.Ranking is not null && rankings.Add(stored.Id);
            _ = stored.Reports.Count > 0 && reports.Add(stored.Id);
        }

        Assert.DoesNotContain(traffic.Reported.Keys, id => !reports.Contains(Guid.Parse(id)));
        return [.. traffic.Answers.Where(answer => answer.RankingId.Length > 0 && !rankings.Contains(Guid.Parse(answer.RankingId)))];
    }

    private static DateTimeOffset Now() => DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
}

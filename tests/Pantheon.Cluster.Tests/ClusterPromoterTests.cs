using System.Diagnostics;
using System.Globalization;
using Pantheon.Cli.Tests.Promote;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;
using Pantheon.Promotion;
using Pantheon.Rig;
using Xunit.Abstractions;

namespace Pantheon.Cluster.Tests;

/// <summary>One promoter beside the replicas, a process of its own, when the database dies, when it is killed itself, and when a replica is.</summary>
[Collection(nameof(Cluster))]
public sealed class ClusterPromoterTests(FeedCluster cluster, ITestOutputHelper output) : IClassFixture<FeedCluster>
{
    // Longer than the database is away, so that what waited for it is not late.
    private static readonly TimeSpan s_delay = TimeSpan.FromSeconds(8);
    private static readonly TimeSpan s_converged = TimeSpan.FromSeconds(2);

    private string State => cluster["promoter"];

    private string Store => $"postgres:{cluster.Database}";

    private IReadOnlyList<PromotionEntry> Journal => JsonLines.Read<PromotionEntry>(Path.Combine(State, Promoter.JournalFile));

    private DateTimeOffset? Learned => Journal.Select(entry => entry.Through).Max();

    [ToolFact(Tool.Postgres, Tool.Haproxy)]
    public async Task Run_DatabaseDiesItIsKilledAndAReplicaDies_LearnsEveryWindowAndWhatItPromotesHoldsEverywhere()
    {
        var options = PulledUsers.Options with { FeedbackDelay = s_delay, Mode = PromoterMode.Approve, Steps = [new(50, TimeSpan.FromSeconds(1))], Guard = new() { MinimumUsers = 10 } };
        await File.WriteAllTextAsync(cluster["promoter.json"], options.ToJson());
        await using var traffic = new Traffic(cluster.Proxy, new Users(Next));
        await traffic.MoreAsync(50);
        string killed;
        List<PromotionEntry> missed;
        await using (var promoter = Start())
        {
            await UntilAsync(promoter, () => Learned is not null, "the first window is learned");

            // The database goes and comes back.
            cluster.Postgres.Kill();
            var gone = DateTimeOffset.UtcNow;
            await UntilAsync(promoter, () => promoter.Printed.Contains("it is tried again", StringComparison.Ordinal), "it says that the store is away");
            await UntilAsync(promoter, () => DateTimeOffset.UtcNow > gone + (2 * options.Window), "two windows go by");
            await cluster.Postgres.StartAsync();
            var back = DateTimeOffset.UtcNow;
            await UntilAsync(promoter, () => Learned > back, "the windows of the outage are learned");
            missed = [.. Journal.Where(entry => entry.Through > gone && entry.Through - options.Window < back)];
            Assert.True(missed.Count >= 2);
            Assert.True(traffic.RefusedReports > 0);
            killed = promoter.Printed;
        }

        // kill -9: started again it goes on with the next window, and with the lease that it had.
        var before = Journal;
        await traffic.MoreAsync(50);
        await using var again = Start();
        await cluster.KillAsync(1);
        await UntilAsync(again, () => Journal.Count > before.Count, "it goes on");
        await cluster.RestartAsync(1);
        await cluster.TakesTrafficAsync(1);
        Assert.Equal(before.Select(JsonLines.Line), Journal.Take(before.Count).Select(JsonLines.Line));

        // What won waits for somebody to approve it, and then goes through its trial.
        await UntilAsync(again, () => Journal.Any(entry => entry.Event == PromotionEvent.Published), "something won");
        var version = Journal.First(entry => entry.Event == PromotionEvent.Published).Version!.Value;
        await CommandProcess.RunAsync("promote", "approve", PulledUsers.Model, version.ToString(CultureInfo.InvariantCulture), "--store", Store);
        await UntilAsync(again, () => Journal.Any(entry => entry.Event == PromotionEvent.Stepped), "it is on trial");
        var tried = await cluster.AgreeAsync(model => model.CanaryVersion == version || model.BaseVersion == version);
        await UntilAsync(again, () => Journal.Any(entry => entry.Event == PromotionEvent.Promoted), "it is promoted");
        var promoted = await cluster.AgreeAsync(model => model.BaseVersion == version);
        var agreed = Stopwatch.GetTimestamp();
        await traffic.MoreAsync(50);
        await Poll.UntilAsync(() => Task.FromResult(Versions(agreed).SequenceEqual([version])), "it answers");
        Assert.DoesNotContain(Journal, entry => entry.Event is PromotionEvent.Lost or PromotionEvent.Rebased);

        // And back, as somebody wants it, which the promoter goes along with.
        await cluster.Models(2).RollbackAsync(new RollbackModelRequest { Model = PulledUsers.Model }, deadline: DateTime.UtcNow + Poll.Limit);
        var returned = await cluster.AgreeAsync(model => model.BaseVersion == 1);
        agreed = Stopwatch.GetTimestamp();
        await UntilAsync(again, () => Journal.Any(entry => entry is { Event: PromotionEvent.Rebased, Version: 1 }), "the base is another one");
        await traffic.MoreAsync(50);
        await traffic.StopAsync();
        await cluster.StoredAsync();
        var status = await CommandProcess.RunAsync("promote", "status", "--journal", State);
        output.WriteLine(
            $"{traffic.Answers.Count} requests, {traffic.FirstTryFailures} attempts failed; trial everywhere {tried.TotalSeconds:F2} s after its line, promotion {promoted.TotalSeconds:F2} s, rollback {returned.TotalSeconds:F2} s\n{killed}{again.Printed}{status}");

        Assert.Empty(traffic.Failures);
        // The trial's version had to be loaded by the others first, which takes what it takes; from then on changes hold at once.
        Assert.InRange(promoted, TimeSpan.Zero, s_converged);
        Assert.InRange(returned, TimeSpan.Zero, s_converged);
        Assert.Equal([1L], Versions(agreed));
        Assert.Contains(traffic.Answers, answer => answer.Version == version && answer.Arm == Arm.Canary);
        Assert.Contains("promoted", status, StringComparison.Ordinal);

        // Every window once, in order.
        var ends = Journal.Select(entry => entry.Through).OfType<DateTimeOffset>().ToList();
        Assert.Equal(Enumerable.Range(0, ends.Count).Select(index => ends[0] + (index * options.Window)), ends);
        await CheckAsync(traffic, missed, options.Join);

        IEnumerable<long> Versions(long since) => traffic.Answers.Where(answer => answer.Sent > since).Select(answer => answer.Version).Distinct();
    }

    private static (RankRequest Request, Func<RankResponse, FeedbackReport?> Seen) Next(int number)
    {
        var random = new Random(number);
        var request = PulledUsers.Request(number, random);
        return (request, answer => PulledUsers.Report(request, answer, random));
    }

    // It looks often, and its windows begin with the first that was stored.
    private CommandProcess Start() => CommandProcess.Start(
        "promote", "run", "--config", cluster["promoter.json"], "--store", Store, "--models", cluster["models"], "--state", State, "--target", cluster.Proxy.Address, "--poll", "0.2");

    private static Task UntilAsync(CommandProcess promoter, Func<bool> condition, string what) => Poll.UntilAsync(
        () => promoter.IsRunning ? Task.FromResult(condition()) : throw new InvalidOperationException($"the promoter has ended: {promoter.Printed}"), what);

    // Of what was answered while the database was away nothing is missing, and what was stored in time was learned from: all, but on a crowded machine.
    private async Task CheckAsync(Traffic traffic, List<PromotionEntry> windows, JoinOptions options)
    {
        await using var store = await ExposureStores.OpenPostgresAsync(new() { ConnectionString = cluster.Database });
        var (learned, late) = (0L, 0L);
        foreach (var entry in windows)
        {
            var window = options.WindowOf(entry.Through!.Value - options.WindowLength);
            var counts = (await new ExposureJoin(store, options).ReadAsync(window)).Counts;
            Assert.Equal(counts.Rankings, entry.Joined!.Rankings);
            Assert.Equal(
                traffic.Answers.Count(answer => RankingId.TryTimeOf(Guid.Parse(answer.RankingId), out var at) && at >= window.From && at < window.To), counts.Rankings + counts.LateRankings);
            (learned, late) = (learned + counts.Rankings, late + counts.LateRankings);
        }

        output.WriteLine($"windows while the database was away: {windows.Count}, with {learned} answers that were learned from and {late} that were stored too late");
    }
}

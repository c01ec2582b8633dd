using Pantheon.Bundles;
using Pantheon.Scoring.Rollout;

namespace Pantheon.Scoring.Tests.Rollout;

public sealed class RolloutPolicyTests
{
    private static readonly TrafficAsk s_ask = new("test", "", DateTimeOffset.UnixEpoch);

    [Fact]
    public void Next_NothingDeclared_LoadsTheNewestAndServesItOnceReady()
    {
        var start = Plan(null, [1, 2, 3], new());
        Assert.Equal((null, 3L), (start.Base, start.Target));
        Assert.Equal([3], start.Load);

        Assert.Equal(3, Plan(null, [1, 2, 3], new() { [3] = VersionState.Ready }).Base);
    }

    [Fact]
    public void Next_NewVersionIsStillLoading_TheOldOneServes()
    {
        var plan = Plan(null, [1, 2], new() { [1] = VersionState.Ready, [2] = VersionState.Loading }, serving: 1);
        Assert.Equal(1, plan.Base);
        Assert.Empty(plan.Retire);
    }

    [Fact]
    public void Next_NewestIsRefused_TheNextBestIsLoadedAndServes()
    {
        var plan = Plan(null, [1, 2], new() { [2] = VersionState.Failed });
        Assert.Equal([1], plan.Load);
        Assert.Equal(1, Plan(null, [1, 2], new() { [1] = VersionState.Ready, [2] = VersionState.Failed }).Base);
    }

    [Fact]
    public void Next_Swap_KeepsWhatItReplaces() =>
        Assert.Empty(Plan(null, [1, 2], new() { [1] = VersionState.Ready, [2] = VersionState.Ready }, serving: 1).Retire);

    [Fact]
    public void Next_SwapIsDone_TheOneBeforeStaysAndOlderOnesGo()
    {
        var plan = Plan(null, [1, 2, 3], new() { [1] = VersionState.Ready, [2] = VersionState.Ready, [3] = VersionState.Ready }, serving: 3, before: 2);
        Assert.Equal((3L, 1L), (plan.Base, Assert.Single(plan.Retire)));
    }

    [Fact]
    public void Next_DeclaredBaseIsRefused_WhatServesGoesOn()
    {
        var table = TrafficTable.Undeclared(1, null).Promote(2, s_ask);
        var plan = Plan(table, [1, 2, 3], new() { [1] = VersionState.Ready, [2] = VersionState.Failed }, serving: 1);
        Assert.Equal((1L, 1L), (plan.Base, plan.Target));
        Assert.Empty(plan.Load);
    }

    [Fact]
    public void Next_RestartWithBrokenBase_FallsBackToTheBaseBeforeIt()
    {
        var table = TrafficTable.Undeclared(5, null).Promote(2, s_ask).Promote(7, s_ask);
        Assert.Equal([7, 2], Plan(table, [2, 5, 7, 9], new()).Load);
        Assert.Equal([2], Plan(table, [2, 5, 7, 9], new() { [7] = VersionState.Failed }).Load);
        Assert.Equal(2, Plan(table, [2, 5, 7, 9], new() { [2] = VersionState.Ready, [7] = VersionState.Failed }).Base);
    }

    [Fact]
    public void Next_CanaryIsNotReady_HasNoTraffic()
    {
        var table = TrafficTable.Undeclared(1, null).TryOut(2, 50, s_ask).Compare(3, 100, s_ask);
        var early = Plan(table, [1, 2, 3], new() { [1] = VersionState.Ready, [2] = VersionState.Loading }, serving: 1);
        Assert.Equal((1L, null, null), (early.Base, early.Canary, early.Shadow));
        Assert.Equal([3], early.Load);

        var ready = Plan(table, [1, 2, 3], new() { [1] = VersionState.Ready, [2] = VersionState.Ready, [3] = VersionState.Ready }, serving: 1);
        Assert.Equal((1L, 2L, 3L), (ready.Base, ready.Canary, ready.Shadow));
    }

    [Fact]
    public void Next_TrialWithoutAnythingElse_IsNoSubstituteForTheBase()
    {
        var table = TrafficTable.Undeclared(1, null).TryOut(2, 50, s_ask);
        Assert.Null(Plan(table, [1, 2], new() { [1] = VersionState.Failed, [2] = VersionState.Ready }).Base);
    }

    [Fact]
    public void Next_VersionIsGoneFromDiskAndServes_GoesOnServing() =>
        Assert.Equal(2, Plan(null, [], new() { [2] = VersionState.Ready }, serving: 2).Base);

    // Whatever is declared and whatever happened: the oracle is what the words of the policy say.
    [Fact]
    public void Next_AnySituation_NeverDropsWhatServesAndNeverRoutesToWhatIsNotReady()
    {
        var random = new Random(7);
        for (var round = 0; round < 20_000; round++)
        {
            var onDisk = Enumerable.Range(1, 6).Select(version => (long)version).Where(_ => random.Next(3) > 0).ToList();
            var known = Enumerable.Range(1, 6).Where(_ => random.Next(2) == 0).ToDictionary(version => (long)version, _ => (VersionState)random.Next(1, 4));
            var ready = known.Where(pair => pair.Value == VersionState.Ready).Select(pair => pair.Key).ToList();
            long? serving = ready.Count > 0 && random.Next(4) > 0 ? ready[random.Next(ready.Count)] : null;
            TrafficTable? table = null;
            if (random.Next(3) > 0)
            {
                table = TrafficTable.Undeclared(random.Next(1, 7), null);
                for (var change = 0; change < 6; change++)
                {
                    try
                    {
                        long version = random.Next(1, 7);
                        table = random.Next(4) switch { 0 => table.Promote(version, s_ask), 1 => table.TryOut(version, 10, s_ask), 2 => table.Compare(version, 10, s_ask), _ => table.Load(version, s_ask) };
                    }
                    catch (TrafficException)
                    {
                        // Not this one.
                    }
                }
            }

            var plan = Plan(table, onDisk, known, serving);

            Assert.All(((long?[])[plan.Base, plan.Canary, plan.Shadow]).OfType<long>(), version => Assert.Equal(VersionState.Ready, known[version]));
            Assert.True(serving is null || plan.Base is not null, "what serves is never dropped without a successor");
            Assert.DoesNotContain(plan.Retire, version => version == plan.Base || version == plan.Canary || version == plan.Shadow || version == plan.Target || known[version] != VersionState.Ready);
            Assert.All(plan.Load, version => Assert.True(onDisk.Contains(version) && !known.ContainsKey(version)));
            Assert.True(plan.Base is null || (plan.Base != plan.Canary && plan.Base != plan.Shadow));
            // Settled once all that was to be loaded is, unless that changes who serves.
            if (table is not null && known.GetValueOrDefault(table.Base) == VersionState.Ready)
            {
                Assert.Equal(table.Base, plan.Base);
            }
        }
    }

    private static RolloutPlan Plan(TrafficTable? table, IReadOnlyList<long> onDisk, Dictionary<long, VersionState> known, long? serving = null, long? before = null) =>
        RolloutPolicy.Next(new RolloutSituation { Table = table, OnDisk = onDisk, Known = known, Serving = serving, Before = before });
}

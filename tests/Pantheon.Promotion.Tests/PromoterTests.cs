using Pantheon.Bundles;
using Pantheon.Learning.Policies;
using Pantheon.Promotion.Trials;

namespace Pantheon.Promotion.Tests;

public sealed class PromoterTests : IAsyncLifetime
{
    private readonly PromoterRig _rig = new();

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync() => await _rig.DisposeAsync();

    [Fact]
    public async Task Look_ReferenceIsBetter_IsPublishedTriedOutAndPromoted()
    {
        using var promoter = _rig.Open();

        await RunAsync(promoter, windows: 6);

        Assert.Equal(["canary 2 10", "canary 2 50", "promote 2"], _rig.Control.Changes);
        Assert.Equal(
            [
                PromotionEvent.Begun, PromotionEvent.Decided, PromotionEvent.Decided, PromotionEvent.Published, PromotionEvent.Stepped,
                PromotionEvent.Learned, PromotionEvent.Stepped, PromotionEvent.Learned, PromotionEvent.Promoted, PromotionEvent.Decided,
            ],
            _rig.Journal.Select(entry => entry.Event));
        Assert.Equal([IppoAction.Wait, IppoAction.Promote], _rig.Journal.Select(entry => entry.Decision).OfType<IppoDecision>().Take(2).Select(decision => decision.Action));
        var bundle = new ModelRepository(_rig.Models).Open("m", 2);
        Assert.Equal("promoter: the reference of window 2026-05-01T02:00:00Z/01:00:00", bundle.Manifest.Lineage.Notes);
        Assert.Equal(new Moments(0.3, 0.1), bundle.Manifest.Calibration!.Baseline);
        // What was published is what was judged: it ranks as well when loaded and asked as the service would be.
        using var loaded = new LoadedContender(bundle, CancellationToken.None);
        using var incumbent = new LoadedContender(new ModelRepository(_rig.Models).Open("m", 1), CancellationToken.None);
        var window = await new Pantheon.Exposures.Joining.ExposureJoin(_rig.Store, _rig.Options.Join).ReadAsync(_rig.Options.Join.WindowOf(PromoterRig.Start.AddHours(5)));
        var (judged, _) = new WindowJudge(["ctr", "ltr"], JudgedExposures.Explored).Judge(window, incumbent.Contender, loaded.Contender);
        Assert.All(judged.Reference.Zip(judged.Base), pair => Assert.True(pair.First > pair.Second + 0.1));
    }

    // A crash after each line.
    [Fact]
    public async Task Look_StartedAgainAfterACrashAnywhere_ComesToTheSame()
    {
        using (var promoter = _rig.Open())
        {
            await RunAsync(promoter, windows: 6);
        }

        string[] Lines(PromoterRig rig) => [.. rig.Journal.Select(entry => $"{entry.Event} {entry.Version} {(entry.Decision is { } decision ? JsonLines.Line(decision) : "")} {(entry.Arms is { } arms ? JsonLines.Line(arms) : "")}")];
        var whole = Lines(_rig);
        Assert.All(_rig.Journal.Where(entry => entry.Event == PromotionEvent.Promoted), entry => Assert.True(entry.Arms!.CanaryUsers > 0));
        await using var rig = new PromoterRig();
        for (var window = 0; window < 6; window++)
        {
            await rig.PassAsync(window);
            for (var done = false; !done;)
            {
                using var promoter = rig.Open(told: _ => throw new IOException("crash"));
                try
                {
                    await promoter.LookAsync();
                    done = true;
                }
                catch (IOException)
                {
                    // Dead after every line that it writes, until there is nothing to write.
                }
            }
        }

        Assert.Equal(whole, Lines(rig));
        Assert.Equal(_rig.Control.Changes, rig.Control.Changes);
    }

    [Fact]
    public async Task Look_TrialLosesItsTraffic_IsALostReward()
    {
        using var promoter = _rig.Open();
        await RunAsync(promoter, windows: 3);
        Assert.Equal(2, promoter.TrialVersion);
        var before = promoter.Weights.ToArray();

        _rig.Control.Now = _rig.Control.Now with { Canary = null, Percent = 0, LastChange = "rollback of version 2 by guard: errors" };
        await _rig.PassAsync(3);
        await promoter.LookAsync();

        var lost = _rig.Journal.Single(entry => entry.Event == PromotionEvent.Lost);
        Assert.Equal("it has no traffic any more: rollback of version 2 by guard: errors", lost.Text);
        Assert.Equal(IppoAction.Lose, lost.Decision!.Action);
        Assert.Equal([0.5, 0.5], lost.Decision.After.Base);
        Assert.NotEqual(before, promoter.Weights);
        Assert.Null(promoter.TrialVersion);
    }

    [Fact]
    public async Task Look_UsersOnTrialDoLess_EndsIt()
    {
        _rig.Options = _rig.Options with { Steps = [new(50, TimeSpan.FromDays(1))], Guard = new TrialGuard { MinimumUsers = 40 } };
        using var promoter = _rig.Open();
        await RunAsync(promoter, windows: 3);
        _rig.TrialIsBad = true;

        await _rig.PassAsync(3);
        await promoter.LookAsync();

        var lost = _rig.Journal.Single(entry => entry.Event == PromotionEvent.Lost);
        Assert.StartsWith("users on trial did less of ", lost.Text, StringComparison.Ordinal);
        Assert.Equal([0, 0], lost.Arms!.Canary);
        Assert.Equal(["canary 2 50", "canary 2 0"], _rig.Control.Changes);
    }

    [Fact]
    public async Task Look_TooFewUsersOnTrial_WaitsAndIsLostInTheEnd()
    {
        _rig.Options = _rig.Options with { Guard = new TrialGuard { MinimumUsers = 230 } };
        using var promoter = _rig.Open();
        // Tried out at the end of the third; five windows are ten times the step.
        await RunAsync(promoter, windows: 8);
        Assert.Equal(2, promoter.TrialVersion);
        Assert.Equal(["canary 2 10"], _rig.Control.Changes);

        await RunAsync(promoter, windows: 1, from: 8);

        Assert.Equal(["canary 2 10", "canary 2 0"], _rig.Control.Changes);
        var lost = _rig.Journal.Single(entry => entry.Event == PromotionEvent.Lost);
        Assert.Matches("^only [0-9]+ users on trial and [0-9]+ beside them in 05:45:00, expected 230$", lost.Text);
    }

    [Fact]
    public async Task Look_FreshBaseIsTakenBack_IsALostRewardToo()
    {
        using (var promoter = _rig.Open())
        {
            await RunAsync(promoter, windows: 5);
            Assert.Equal("promote 2", _rig.Control.Changes[^1]);

            _rig.Control.Now = new TrafficState(1, null, 0, true, "rollback of version 2 by guard: latency");
            await promoter.LookAsync();
        }

        Assert.Equal([PromotionEvent.Lost, PromotionEvent.Rebased], _rig.Journal.TakeLast(2).Select(entry => entry.Event));
        using var again = _rig.Open();
        await RunAsync(again, windows: 1, from: 5);
        Assert.Equal(PromotionEvent.Decided, _rig.Journal[^1].Event);
    }

    [Fact]
    public async Task Look_ServiceRefusesOrIsAway_LosesOrWaits()
    {
        using var promoter = _rig.Open();
        _rig.Control.Failure = new ModelControlException("Unavailable: nobody there", isRefused: false);
        await RunAsync(promoter, windows: 2);
        await _rig.PassAsync(2);
        await Assert.ThrowsAsync<ModelControlException>(() => promoter.LookAsync());
        Assert.Equal(PromotionEvent.Published, _rig.Journal[^1].Event);

        _rig.Control.Failure = new ModelControlException("FailedPrecondition: golden outputs differ", isRefused: true);
        await promoter.LookAsync();

        Assert.Equal(PromotionEvent.Lost, _rig.Journal[^1].Event);
        Assert.Contains("golden outputs differ", _rig.Journal[^1].Text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_TwoPromoters_OneActs()
    {
        using var one = _rig.Open();
        Assert.True(await one.LookAsync());
        using var other = new Promoter(
            _rig.Options, new PromoterPlace(new ModelRepository(_rig.Models), _rig.State + "-2", "two", "test"), _rig.Store, _rig.Control, PromoterRig.Start, _rig.Clock);

        Assert.False(await other.LookAsync());
        await one.ReleaseAsync();
        Assert.True(await other.LookAsync());
        Assert.False(await one.LookAsync());
    }

    [Fact]
    public async Task Look_KilledAndStartedAgain_HasTheLeaseAtOnce()
    {
        using (var killed = _rig.Open())
        {
            Assert.True(await killed.LookAsync());
            // While it runs, another one of the same directory is another one.
            using var beside = _rig.Open();
            Assert.False(await beside.LookAsync());
        }

        using var again = _rig.Open();
        Assert.True(await again.LookAsync());
        // The same directory elsewhere.
        using var elsewhere = _rig.Open(owner: "two");
        Assert.False(await elsewhere.LookAsync());
    }

    [Fact]
    public async Task Run_AnotherActs_WaitsAndGoesOnFromWhereThatOneEnded()
    {
        using var stop = new CancellationTokenSource();
        var (opened, acts) = (new TaskCompletionSource(), new TaskCompletionSource<PromotionEntry>());
        Promoter Open()
        {
            var promoter = _rig.Open("two", entry => acts.TrySetResult(entry));
            opened.TrySetResult();
            return promoter;
        }

        Task standby;
        using (var one = _rig.Open())
        {
            await RunAsync(one, windows: 3);
            standby = Promoter.RunAsync(Open, TimeSpan.FromMilliseconds(20), TimeProvider.System, _ => { }, stop.Token);
            await opened.Task.WaitAsync(TimeSpan.FromMinutes(1));
            // The other one has read the journal before this.
            await TellAsync(control => control with { Vetoed = 2, VetoedBy = new("ann", "") });
            await one.LookAsync();
            Assert.Equal(PromotionEvent.Lost, _rig.Journal[^1].Event);
            await one.ReleaseAsync();
        }

        await _rig.PassAsync(3);

        // And not the end of a trial that it still believes in.
        Assert.Equal(PromotionEvent.Decided, (await acts.Task.WaitAsync(TimeSpan.FromMinutes(1))).Event);
        await stop.CancelAsync();
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => standby);
        Assert.Single(_rig.Journal, entry => entry.Event == PromotionEvent.Lost);
    }

    [Fact]
    public async Task Look_NoteIsNothingForAPromoter_SaysSo()
    {
        using var promoter = _rig.Open();
        await _rig.Store.Notes.WriteAsync("promoter/m/control", "{");

        Assert.Contains("note promoter/m/control is nothing that a promoter is told", (await Assert.ThrowsAsync<Pantheon.Exposures.Stores.ExposureStoreException>(() => promoter.LookAsync())).Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Look_WhatPeopleSay_IsDone()
    {
        _rig.Options = _rig.Options with { Mode = PromoterMode.Approve };
        using var promoter = _rig.Open();
        await TellAsync(control => control with { Paused = true });
        await RunAsync(promoter, windows: 1);
        Assert.Equal([PromotionEvent.Paused], _rig.Journal.Select(entry => entry.Event));
        await TellAsync(control => control with { Paused = false });
        await RunAsync(promoter, windows: 3, from: 1);
        Assert.Empty(_rig.Control.Changes);
        Assert.Equal(2, promoter.TrialVersion);

        await TellAsync(control => control with { Approved = 2, ApprovedBy = new("bob", "") });
        await promoter.LookAsync();
        Assert.Equal(["canary 2 10"], _rig.Control.Changes);
        await TellAsync(control => control with { Paused = true, Vetoed = 2, VetoedBy = new("ann", "not on a Friday"), By = new("eve", "") });
        await promoter.LookAsync();

        Assert.Equal(["canary 2 10", "canary 2 0"], _rig.Control.Changes);
        Assert.Equal("10 % of the users, approved by bob", _rig.Journal.Single(entry => entry.Event == PromotionEvent.Stepped).Text);
        // Paused or not.
        Assert.Equal("vetoed by ann: not on a Friday", _rig.Journal[^1].Text);
    }

    [Fact]
    public async Task Look_DryRun_ChangesNothing()
    {
        _rig.Options = _rig.Options with { Mode = PromoterMode.DryRun };
        using var promoter = _rig.Open();

        await RunAsync(promoter, windows: 5);

        Assert.Contains(_rig.Journal, entry => entry is { Event: PromotionEvent.Promoted, Version: null });
        Assert.Empty(_rig.Control.Changes);
        Assert.Equal([1], new ModelRepository(_rig.Models).Versions("m"));
    }

    [Fact]
    public async Task Look_OwnBase_IsRefreshedAndNotPromoted()
    {
        _rig.Options = _rig.Options with { OwnBase = true, RefreshWindows = 2, Steps = [] };
        using var promoter = _rig.Open();

        await RunAsync(promoter, windows: 5);

        Assert.DoesNotContain(_rig.Journal, entry => entry.Decision?.Action == IppoAction.Promote);
        Assert.Contains(_rig.Journal, entry => entry is { Event: PromotionEvent.Promoted, Refresh: true });
        Assert.StartsWith("promoter: the base, fresher,", new ModelRepository(_rig.Models).Open("m", 2).Manifest.Lineage.Notes, StringComparison.Ordinal);
    }

    [Fact]
    public async Task New_OtherOptionsThanTheJournals_AreRefused()
    {
        using (var promoter = _rig.Open())
        {
            await RunAsync(promoter, windows: 2);
        }

        var options = _rig.Options;
        _rig.Options = options with { Labels = ["ctr=click", "other=like"] };
        Assert.Contains("another model or other objectives have a journal of their own", Assert.Throws<InvalidDataException>(() => _rig.Open()).Message, StringComparison.Ordinal);
        _rig.Options = options with { Policy = options.Policy with { FamilyWiseError = 0.2, MinimumUsers = 10_000 } };
        Assert.Contains("are options and first weights those that it was written with?", Assert.Throws<InvalidDataException>(() => _rig.Open()).Message, StringComparison.Ordinal);
        _rig.Options = options with { Head = new() };
        Assert.Contains("it was made with other features, labels or networks", Assert.Throws<InvalidDataException>(() => _rig.Open()).Message, StringComparison.Ordinal);
    }

    private Task<PromoterControl> TellAsync(Func<PromoterControl, PromoterControl> change) => PromoterControl.ChangeAsync(_rig.Store.Notes, "m", change, CancellationToken.None);

    private async Task RunAsync(Promoter promoter, int windows, int from = 0)
    {
        for (var window = from; window < from + windows; window++)
        {
            await _rig.PassAsync(window);
            try
            {
                await promoter.LookAsync();
            }
            catch (ModelControlException) when (_rig.Control.Failure is not null)
            {
                // Asked for.
            }
        }
    }
}

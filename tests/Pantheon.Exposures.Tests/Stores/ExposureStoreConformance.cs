using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>What every store does, whatever it is made of.</summary>
public abstract class ExposureStoreConformance : IAsyncLifetime
{
    private IExposureStore? _store;

    internal ManualTime Time { get; } = new(Sample.Noon.AddMinutes(10));

    private protected IExposureStore Store => _store!;

    public async Task InitializeAsync() => _store = await OpenAsync(Time);

    public virtual async Task DisposeAsync()
    {
        if (_store is not null)
        {
            await _store.DisposeAsync();
        }
    }

    /// <summary>Opens this test's store, which another may have open.</summary>
    protected abstract Task<IExposureStore> OpenAsync(TimeProvider time);

    /// <summary>Lets go of this test's store, so that the next opening makes a new one.</summary>
    protected abstract Task ForgetAsync();

    [StoreFact]
    public async Task Append_AnyRanking_ComesBackAsItWas()
    {
        var plain = Sample.Ranking();
        var drawn = Sample.Ranking(request: Guid.NewGuid().ToString()) with
        {
            UserKey = "用户-\u007f",
            Arm = RankingArm.Canary,
            Explored = true,
            Version = long.MaxValue,
            Digest = "sha256:ABC",
            Items = [new RankedExposure(int.MaxValue, long.MinValue, float.NaN, 0.125), new RankedExposure(0, long.MaxValue, float.MinValue, 1)],
            Features = new byte[] { 0, 1, 255 },
        };
        var empty = Sample.Ranking(items: 0, user: "", request: "") with { Scenario = "", Model = "", Digest = "", Arm = RankingArm.Pinned };

        Assert.Equal(3, await Store.AppendAsync([plain, drawn, empty]));

        var read = await RankingsAsync();
        Assert.Equal(Texts([plain, drawn, empty]), Texts(read));
        Assert.Equal([0, 1, 255], read.Single(ranking => ranking.Explored).Features.ToArray());
    }

    [StoreFact]
    public async Task Append_SameIdAgain_ChangesNothing()
    {
        var ranking = Sample.Ranking();
        Assert.Equal(1, await Store.AppendAsync([ranking, ranking]));

        Assert.Equal(1, await Store.AppendAsync([ranking with { UserKey = "another" }, Sample.Ranking()]));

        var read = await RankingsAsync();
        Assert.Equal(2, read.Count);
        Assert.Equal("user-1", read.Single(other => other.Id == ranking.Id).UserKey);
    }

    [StoreFact]
    public async Task Append_OneThatCannotBeStored_StoresNone()
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(
            () => Store.AppendAsync([Sample.Ranking(), Sample.Ranking() with { UserKey = "a\0b" }]));

        Assert.StartsWith("user_key: got a text with U+0000 or half a surrogate pair, expected text", exception.Message, StringComparison.Ordinal);
        Assert.Empty(await RankingsAsync());
    }

    [StoreFact]
    public async Task Note_Written_IsReadByEveryReplica()
    {
        await using var replica = await OpenAsync(Time);
        Assert.Null(await Store.Notes.ReadAsync("a/1"));

        Assert.Equal(1, await Store.Notes.WriteAsync("a/1", "eins"));
        Assert.Equal(2, await replica.Notes.WriteAsync("a/1", "two 二"));
        Assert.Equal(1, await Store.Notes.WriteAsync("a_2", "3"));
        Assert.Equal(1, await Store.Notes.WriteAsync("b/1", "4"));

        Assert.Equal(("two 二", 2L), await Store.Notes.ReadAsync("a/1") is { } note ? (note.Text, note.Revision) : default);
        Assert.Equal(["a/1"], (await replica.Notes.ListAsync("a/")).Select(found => found.Key));
        Assert.Equal(["a/1", "a_2", "b/1"], (await replica.Notes.ListAsync("")).Select(found => found.Key));
        Assert.True(await replica.Notes.DeleteAsync("a/1"));
        Assert.False(await Store.Notes.DeleteAsync("a/1"));
    }

    [StoreFact]
    public async Task Note_WrittenByTwoAtOnce_IsWrittenByOne()
    {
        await using var replica = await OpenAsync(Time);
        for (var round = 0L; round < 10; round++)
        {
            var written = await Task.WhenAll(Enumerable.Range(0, 6).Select(
                writer => (writer % 2 == 0 ? Store : replica).Notes.WriteAsync("one", $"{writer}", round)));

            Assert.Equal(round + 1, Assert.Single(written, revision => revision is not null));
        }

        Assert.Null(await Store.Notes.WriteAsync("one", "x", 0));
        Assert.Null(await Store.Notes.WriteAsync("none", "x", 3));
        Assert.Null(await Store.Notes.ReadAsync("none"));
    }

    [StoreFact]
    public async Task Note_ThatCannotBeKept_IsRefused()
    {
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Notes.WriteAsync("", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Notes.WriteAsync("a\n", "x"));
        await Assert.ThrowsAsync<ArgumentException>(() => Store.Notes.WriteAsync("a", "x\0"));
    }

    [StoreFact]
    public async Task Lease_AskedForByMany_IsHadByOneUntilItIsGivenBack()
    {
        await using var replica = await OpenAsync(Time);
        var got = await Task.WhenAll(Enumerable.Range(0, 6).Select(
            asker => (asker % 2 == 0 ? Store : replica).Notes.TryLeaseAsync("promoter", $"owner-{asker}", TimeSpan.FromMinutes(1))));
        var owner = $"owner-{Array.IndexOf(got, true)}";

        Assert.Single(got, has => has);
        Assert.True(await Store.Notes.TryLeaseAsync("promoter", owner, TimeSpan.FromMinutes(1)));
        Assert.False(await replica.Notes.TryLeaseAsync("promoter", "another", TimeSpan.FromMinutes(1)));
        Assert.True(await replica.Notes.TryLeaseAsync("other", "another", TimeSpan.FromMinutes(1)));
        Assert.True(await Store.Notes.TryLeaseAsync("promoter", owner, TimeSpan.Zero));
        Assert.True(await replica.Notes.TryLeaseAsync("promoter", "another", TimeSpan.FromMinutes(1)));
    }

    [StoreFact]
    public async Task Append_Nothing_IsNothing()
    {
        Assert.Equal(0, await Store.AppendAsync([]));
        Assert.Equal(0, await Store.ReportAsync([]));
    }

    [StoreFact]
    public async Task Report_OneThatCannotBeStored_StoresNone()
    {
        var ranking = Sample.Ranking();

        await Assert.ThrowsAsync<ArgumentException>(() => Store.ReportAsync([Sample.Shown(ranking, 0), Sample.Report(ranking, 0, 0, ("click", double.NaN))]));

        Assert.Equal(0, (await Store.StatisticsAsync()).Reports);
    }

    [StoreFact]
    public async Task Report_Duplicate_ChangesNothing()
    {
        var ranking = Sample.Ranking();
        await Store.AppendAsync([ranking]);
        Assert.Equal(1, await Store.ReportAsync([Sample.Report(ranking, 1, 4, ("click", 1), ("play_seconds", 20))]));

        // The same in other words: another order, an item told twice.
        var again = Sample.Report(ranking, 1, 4, ("play_seconds", 20), ("click", 1));
        Assert.Equal(0, await Store.ReportAsync([again, new FeedbackReport(ranking.Id, [.. again.Items, .. Sample.Report(ranking, 1, null).Items])]));

        var joined = await JoinAsync();
        var row = Assert.Single(joined.Rows);
        Assert.Equal((1, 4, 1001L), (row.Rank, row.ShownPosition, row.Item.ItemId));
        Assert.Equal([1f, 1f], row.Labels);
    }

    [StoreFact]
    public async Task Report_DuplicateAfterClosing_KeepsTheTimeOfTheFirst()
    {
        var ranking = Sample.Ranking();
        await Store.AppendAsync([ranking]);
        await Store.ReportAsync([Sample.Shown(ranking, 0)]);
        Time.Set(Sample.Window.ClosedAt);

        await Store.ReportAsync([Sample.Shown(ranking, 0)]);

        var joined = await JoinAsync();
        Assert.Equal((1L, 0L), (joined.Counts.ItemsShown, joined.Counts.LateReports));
    }

    [StoreFact]
    public async Task Report_BeforeItsRanking_IsJoined()
    {
        var ranking = Sample.Ranking();
        await Store.ReportAsync([Sample.Report(ranking, 0, 0, ("click", 1))]);

        await Store.AppendAsync([ranking]);

        var joined = await JoinAsync();
        Assert.Equal([1f, 0f], Assert.Single(joined.Rows).Labels);
    }

    [StoreFact]
    public async Task Report_AfterClosing_IsLate()
    {
        var ranking = Sample.Ranking();
        await Store.AppendAsync([ranking]);
        Time.Set(Sample.Window.ClosedAt - TimeSpan.FromMilliseconds(1));
        await Store.ReportAsync([Sample.Shown(ranking, 0)]);
        Time.Set(Sample.Window.ClosedAt);
        await Store.ReportAsync([Sample.Shown(ranking, 1)]);

        var joined = await JoinAsync();

        Assert.Equal(0, Assert.Single(joined.Rows).Rank);
        Assert.Equal(new JoinCounts { Rankings = 1, RankingsWithFeedback = 1, ItemsShown = 1, LateReports = 1 }, joined.Counts);
    }

    [StoreFact]
    public async Task Report_OfARankingThatNeverComes_IsCountedUnknown()
    {
        await Store.ReportAsync([Sample.Report(Sample.Ranking(), 0, 0, ("click", 1)), Sample.Shown(Sample.Ranking(), 0)]);
        await Store.AppendAsync([Sample.Ranking()]);

        var joined = await JoinAsync();

        Assert.Empty(joined.Rows);
        Assert.Equal(new JoinCounts { Rankings = 1, UnknownRankings = 2 }, joined.Counts);
    }

    [StoreFact]
    public async Task Report_OfOneOfTwoHedgedRankings_LeavesTheOtherUnreported()
    {
        var (first, second) = (Sample.Ranking(request: "hedged"), Sample.Ranking(request: "hedged"));
        await Store.AppendAsync([first, second]);
        await Store.ReportAsync([Sample.Report(second, 0, 0, ("click", 1)), Sample.Report(second, 0, 0, ("click", 1))]);

        var joined = await JoinAsync();

        Assert.Equal(second.Id, Assert.Single(joined.Rows).Ranking.Id);
        Assert.Equal(new JoinCounts { Rankings = 2, RankingsWithFeedback = 1, ItemsShown = 1 }, joined.Counts);
    }

    [StoreFact]
    public async Task Report_ItemNeverShown_IsNoRow()
    {
        var ranking = Sample.Ranking(items: 3);
        await Store.AppendAsync([ranking]);
        await Store.ReportAsync([Sample.Shown(ranking, 0), Sample.Report(ranking, 1, null, ("click", 1)), Sample.Report(ranking, 2, null, ("click", 0))]);

        var joined = await JoinAsync();

        Assert.Equal(0, Assert.Single(joined.Rows).Rank);
        Assert.Equal(1, joined.Counts.OutcomesNotShown);
    }

    [StoreFact]
    public async Task Report_RankThatIsNotThere_IsCountedAndTheRestTaken()
    {
        var ranking = Sample.Ranking(items: 3);
        await Store.AppendAsync([ranking]);
        await Store.ReportAsync([Sample.Shown(ranking, 2, 3, 4), Sample.Shown(ranking, 3)]);

        var joined = await JoinAsync();

        Assert.Equal(2, Assert.Single(joined.Rows).Rank);
        Assert.Equal(2, joined.Counts.BadRanks);
    }

    [StoreFact]
    public async Task Report_WhenTheClockGoesBackBehindAClosedWindow_IsLate()
    {
        var ranking = Sample.Ranking();
        await Store.AppendAsync([ranking]);
        await Store.ReportAsync([Sample.Shown(ranking, 0)]);
        Time.Set(Sample.Window.ClosedAt);
        var before = await JoinAsync();

        // Also for a replica with a clock of its own, behind that of the one that closed.
        await using var replica = await OpenAsync(new ManualTime(Sample.Noon));
        await replica.ReportAsync([Sample.Report(ranking, 0, 0, ("click", 1))]);
        await replica.AppendAsync([Sample.Ranking()]);
        Time.Set(Sample.Noon);
        await Store.ReportAsync([Sample.Report(ranking, 1, 1)]);
        Time.Set(Sample.Window.ClosedAt);

        var after = await JoinAsync();
        Assert.Equal(Sample.Text(before), Sample.Text(after));
        Assert.Equal(before.Counts with { LateReports = 2, LateRankings = 1 }, after.Counts);
    }

    [StoreFact]
    public async Task Append_AfterClosing_IsALateRankingAndNotUnknown()
    {
        var ranking = Sample.Ranking();
        await Store.ReportAsync([Sample.Shown(ranking, 0)]);
        Time.Set(Sample.Window.ClosedAt);
        var before = await JoinAsync();

        await Store.AppendAsync([ranking]);

        var after = await JoinAsync();
        Assert.Equal(new JoinCounts { UnknownRankings = 1 }, before.Counts);
        Assert.Equal(new JoinCounts { LateRankings = 1 }, after.Counts);
    }

    [StoreFact]
    public async Task Read_WindowThatClosesInTheFuture_IsRefused()
    {
        var exception = await Assert.ThrowsAsync<ArgumentException>(() => new ExposureJoin(Store, Sample.Join).ReadAsync(Sample.Window));

        Assert.StartsWith("window: got one that closes at 2024-07-25T13:30:00.0000000+00:00, expected a time up to now", exception.Message, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Read_RankingsAtTheEdges_TakesFromAndNotTo()
    {
        var millisecond = TimeSpan.FromMilliseconds(1);
        DateTimeOffset[] times = [Sample.Window.From - millisecond, Sample.Window.From, Sample.Window.To - millisecond, Sample.Window.To];
        await Store.AppendAsync([.. times.Select(at => Sample.Ranking(at))]);

        Assert.Equal(times[1..3], (await RankingsAsync()).Select(ranking => ranking.At));
    }

    [StoreFact]
    public async Task Read_MoreThanAPage_IsWholeAndInOrder()
    {
        Ranking[] rankings = [.. Enumerable.Range(0, (2 * WindowReader.Page) + 3).Select(index => Sample.Ranking(Sample.Noon.AddMilliseconds(index / 3)))];
        var strangers = rankings.Where((_, index) => index % 100 == 0).Select(ranking => Sample.Ranking(ranking.At)).ToList();
        var shuffled = rankings.ToArray();
        new Random(1).Shuffle(shuffled);
        await Store.AppendAsync(shuffled);
        await Store.ReportAsync([.. rankings.Select(ranking => Sample.Shown(ranking, 0)), .. strangers.Select(ranking => Sample.Shown(ranking, 0))]);

        var joined = await JoinAsync();

        Assert.Equal(rankings.Select(ranking => ranking.Id).Order(), joined.Rows.Select(row => row.Ranking.Id));
        Assert.Equal(strangers.Count, joined.Counts.UnknownRankings);
    }

    [StoreFact]
    public async Task Read_ReportsInAnyOrderSplitAndRepeated_GiveWhatTheOracleGives()
    {
        for (var seed = 0; seed < 3; seed++)
        {
            var random = new Random(seed);
            Ranking[] rankings = [.. Enumerable.Range(0, 20).Select(_ => Sample.Ranking(Sample.Noon.AddSeconds(random.Next(100)), items: random.Next(5)))];
            var said = Enumerable.Range(0, 200).Select(_ => RandomReport(rankings[random.Next(rankings.Length)], random)).ToList();
            var sent = said.SelectMany(report => Split(report, random)).ToArray();
            random.Shuffle(sent);

            // In the last millisecond before closing, so that none is late; rankings come somewhere among their reports.
            Time.Set(Sample.Window.ClosedAt - TimeSpan.FromMilliseconds(1));
            foreach (var chunk in sent.Chunk(17))
            {
                await Store.ReportAsync(chunk);
                await Store.AppendAsync([rankings[random.Next(rankings.Length)]]);
            }

            await Store.AppendAsync(rankings);
            var joined = await JoinAsync();

            var rows = joined.Rows.Select(row => $"{row.Ranking.Id} {row.Rank} {row.ShownPosition} {string.Join(',', row.Labels)}");
            Assert.Equal(Oracle(rankings, said), rows);
            Assert.NotEmpty(joined.Rows);
            await ResetAsync();
        }
    }

    [StoreFact]
    public async Task DeleteUser_AmongOthers_TakesTheirRankingsAndReportsOnly()
    {
        Ranking[] gone = [.. Enumerable.Range(0, 40).Select(index => Sample.Ranking(Sample.Noon.AddHours(-index), "gone"))];
        var kept = Sample.Ranking(user: "gone-not");
        await Store.AppendAsync([.. gone, kept]);
        await Store.ReportAsync([Sample.Shown(gone[0], 0), Sample.Shown(gone[0], 1), Sample.Shown(gone[39], 1), Sample.Shown(kept, 0)]);

        Assert.Equal(new Removed(40, 3), await Store.DeleteUserAsync("gone"));

        Assert.Equal(default, await Store.DeleteUserAsync("gone"));
        Assert.Equal(kept.Id, Assert.Single((await JoinAsync()).Rows).Ranking.Id);
        Assert.Equal((1L, 1L), await CountsAsync());
        await Assert.ThrowsAsync<ArgumentException>(() => Store.DeleteUserAsync(""));
    }

    [StoreFact]
    public async Task Trim_InTheMiddleOfADay_TakesTheDaysBefore()
    {
        Ranking[] rankings = [.. Enumerable.Range(0, 6).Select(index => Sample.Ranking(Sample.Noon.AddHours(-12 * index)))];
        await Store.AppendAsync(rankings);
        await Store.ReportAsync([.. rankings.Select(ranking => Sample.Shown(ranking, 0, 1)), Sample.Shown(rankings[5], 2)]);

        // Midnight belongs to the day that it begins: noon and midnight of the 25th stay.
        Assert.Equal(new Removed(4, 5), await Store.TrimAsync(Sample.Noon.AddHours(3)));

        Assert.Equal(default, await Store.TrimAsync(Sample.Noon));
        var statistics = await Store.StatisticsAsync();
        Assert.Equal((2L, 2L), (statistics.Rankings, statistics.Reports));
        Assert.Equal((Sample.Noon.AddHours(-12), Sample.Noon), (statistics.Oldest, statistics.Newest));

        // What is trimmed may come again, say from a queue that waited; it is trimmed the next time.
        Assert.Equal(1, await Store.AppendAsync([rankings[5]]));
        Assert.Equal(new Removed(1, 0), await Store.TrimAsync(Sample.Noon));
    }

    [StoreFact]
    public async Task Trim_MoreThanAChunk_TakesAll()
    {
        await Store.AppendAsync([.. Enumerable.Range(0, 4500).Select(_ => Sample.Ranking(Sample.Noon, items: 1))]);

        Assert.Equal(new Removed(4500, 0), await Store.TrimAsync(Sample.Noon.AddDays(1)));
    }

    [StoreFact]
    public async Task Statistics_OfAnEmptyStore_HaveNoTimes()
    {
        var statistics = await Store.StatisticsAsync();

        Assert.Equal((0L, 0L, null, null), (statistics.Rankings, statistics.Reports, statistics.Oldest, statistics.Newest));
        Assert.True(statistics.Bytes >= 0);
    }

    [StoreFact]
    public async Task Reopen_AfterDispose_HasEverything()
    {
        var ranking = Sample.Ranking();
        await Store.AppendAsync([ranking]);
        await Store.ReportAsync([Sample.Shown(ranking, 0)]);
        await Store.DisposeAsync();
        await Store.DisposeAsync();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => Store.AppendAsync([ranking]));
        _store = await OpenAsync(Time);

        Assert.Single((await JoinAsync()).Rows);
    }

    [StoreFact]
    public async Task Write_ByManyCallersOfTwoReplicas_StoresEachOnce()
    {
        await using var replica = await OpenAsync(Time);
        Ranking[] rankings = [.. Enumerable.Range(0, 200).Select(index => Sample.Ranking(Sample.Noon.AddHours(-index)))];

        // Every ranking and report comes four times, from both replicas, in batches that overlap in other orders.
        var results = await Task.WhenAll(Enumerable.Range(0, 16).Select(caller => Task.Run(async () =>
        {
            var store = caller % 2 == 0 ? Store : replica;
            var mine = rankings.Skip(caller / 4 * 50).Take(50).ToArray();
            new Random(caller).Shuffle(mine);
            var stored = 0;
            foreach (var chunk in mine.Chunk(7))
            {
                stored += await store.AppendAsync(chunk);
                stored += await store.ReportAsync([.. chunk.Select(ranking => Sample.Shown(ranking, 0))]);
            }

            return stored;
        })));

        Assert.Equal(400, results.Sum());
        Assert.Equal((200L, 200L), await CountsAsync());
    }

    [StoreFact]
    public async Task Read_WhileOthersReport_IsTheSameAgain()
    {
        await using var replica = await OpenAsync(Time);
        Ranking[] rankings = [.. Enumerable.Range(0, 300).Select(_ => Sample.Ranking())];
        await Store.AppendAsync(rankings);
        Time.Set(Sample.Window.ClosedAt);
        var reporters = Enumerable.Range(0, 4).Select(reporter => Task.Run(async () =>
        {
            // A clock an hour behind: only the closing keeps these out.
            await using var behind = await OpenAsync(new ManualTime(Sample.Noon.AddMinutes(30)));
            for (var index = reporter; index < rankings.Length; index += 4)
            {
                await behind.ReportAsync([Sample.Shown(rankings[index], 0)]);
            }
        })).ToArray();
        await Poll.UntilAsync(async () => (await Store.StatisticsAsync()).Reports > 10, "reports");

        var during = await JoinAsync();
        await Task.WhenAll(reporters);

        Assert.Equal(Sample.Text(during), Sample.Text(await JoinAsync()));
        Assert.NotEmpty(during.Rows);
        Assert.Equal(300, (await JoinAsync()).Counts.LateReports + during.Rows.Count);
    }

    [StoreFact]
    public async Task AnyCall_Cancelled_SaysSo()
    {
        var cancelled = new CancellationToken(true);

        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.AppendAsync([Sample.Ranking()], cancelled));
        await Assert.ThrowsAnyAsync<OperationCanceledException>(() => Store.StatisticsAsync(cancelled));
        Assert.Equal((0L, 0L), await CountsAsync());
    }

    // A store of the same kind with nothing in it.
    private async Task ResetAsync()
    {
        await Store.DisposeAsync();
        await ForgetAsync();
        _store = await OpenAsync(Time);
    }

    private protected async Task<JoinedWindow> JoinAsync()
    {
        Time.Set(Sample.Window.ClosedAt);
        return await new ExposureJoin(Store, Sample.Join).ReadAsync(Sample.Window);
    }

    private static FeedbackReport RandomReport(Ranking ranking, Random random) => new(ranking.Id, [.. Enumerable.Range(0, random.Next(1, 4)).Select(_ => new ItemFeedback(
        random.Next(6),
        random.Next(3) == 0 ? null : random.Next(10),
        new[] { "click", "play_seconds", "like" }.Where(_ => random.Next(2) == 0).ToDictionary(name => name, _ => (double)random.Next(30))))]);

    // A report whole or in as many as it has items, each once or twice.
    private static IEnumerable<FeedbackReport> Split(FeedbackReport report, Random random)
    {
        var parts = random.Next(2) == 0 ? [report] : report.Items.Select(item => report with { Items = [item] });
        return parts.SelectMany(part => Enumerable.Repeat(part, random.Next(1, 3)));
    }

    // The meaning of reports in one expression, written without the code under test.
    private static IEnumerable<string> Oracle(Ranking[] rankings, List<FeedbackReport> said) =>
        from ranking in rankings.OrderBy(ranking => ranking.Id)
        from rank in Enumerable.Range(0, ranking.Items.Count)
        let items = said.Where(report => report.RankingId == ranking.Id).SelectMany(report => report.Items).Where(item => item.Rank == rank).ToList()
        where items.Any(item => item.ShownPosition is not null)
        let click = items.Any(item => item.Outcomes.GetValueOrDefault("click") > 0)
        let lasted = items.Any(item => item.Outcomes.GetValueOrDefault("play_seconds") >= 18)
        select $"{ranking.Id} {rank} {items.Min(item => item.ShownPosition)} {(click ? 1 : 0)},{(lasted ? 1 : 0)}";

    private static IEnumerable<string> Texts(IEnumerable<Ranking> rankings) => rankings.Select(Sample.Text).Order(StringComparer.Ordinal);

    private async Task<(long Rankings, long Reports)> CountsAsync()
    {
        var statistics = await Store.StatisticsAsync();
        return (statistics.Rankings, statistics.Reports);
    }

    private async Task<List<Ranking>> RankingsAsync()
    {
        Time.Set(Sample.Window.ClosedAt);
        List<Ranking> rankings = [];
        await foreach (var reported in Store.ReadAsync(Sample.Window))
        {
            rankings.Add(reported.Ranking!);
        }

        return rankings;
    }
}

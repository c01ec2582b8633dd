using Google.Protobuf;
using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;
using Pantheon.Rig;
using StoredArm = Pantheon.Exposures.Rankings.RankingArm;

namespace Pantheon.Serving.Tests.Exposures;

/// <summary>From an answer over what its user did to joined rows, in a real service with a real store.</summary>
public sealed class FeedbackTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public FeedbackTests() => ProbeModel.Publish(Models, ProbeModel.Strict);

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    private string Models => Path.Combine(_folder.Path, "models");

    private string Database => Path.Combine(_folder.Path, "exposures.db");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Report_WhatWasShown_BecomesRowsThatHoldWhatWasServed()
    {
        var request = Request("user", 0.1f, 0.9f, 0.5f);
        RankResponse answer, hedge;
        await using (var service = await StartAsync("Exposures:Log:FeaturesShare=1"))
        {
            answer = await RankAsync(service, request);
            hedge = await RankAsync(service, request);
            var feedback = new Feedback.FeedbackClient(service.Channel);
            var shown = Report(answer, new ItemFeedback { Rank = 0, ShownPosition = 0 }, new ItemFeedback { Rank = 1, ShownPosition = 1 });
            Assert.Equal(1, (await feedback.ReportAsync(new ReportRequest { Reports = { shown } }, deadline: Soon)).Stored);
            Assert.Equal(0, (await feedback.ReportAsync(new ReportRequest { Reports = { shown } }, deadline: Soon)).Stored);
            var clicked = Report(answer, new ItemFeedback { Rank = 1, Outcomes = { ["click"] = 1, ["play_seconds"] = 12 } });
            Assert.Equal(1, (await feedback.ReportAsync(new ReportRequest { Reports = { clicked } }, deadline: Soon)).Stored);
            service.Terminate();
            Assert.Equal(0, await service.ExitAsync());
            Assert.Empty(service.Errors);
        }

        Assert.NotEqual(answer.RankingId, hedge.RankingId);
        var joined = await JoinAsync(answer);
        // The third item was returned and nobody says that it was shown; the hedge was answered and shown to nobody.
        Assert.Equal([(0, 102L, 0f, 0f), (1, 103L, 1f, 1f)], joined.Rows.Select(row => (row.Rank, row.Item.ItemId, row.Labels[0], row.Labels[1])));
        Assert.Equal((2, 1, 2), (joined.Counts.Rankings, joined.Counts.RankingsWithFeedback, joined.Counts.ItemsShown));
        var stored = joined.Rows[0].Ranking;
        Assert.Equal(
            ("user", request.RequestId, "home", ProbeModel.Strict, 1, answer.BundleDigest, StoredArm.Base, 3, false),
            (stored.UserKey, stored.RequestId, stored.Scenario, stored.Model, stored.Version, stored.Digest, stored.Arm, stored.Candidates, stored.Explored));
        Assert.Equal([(1, 0.9f, 1.0), (2, 0.5f, 1.0), (0, 0.1f, 1.0)], stored.Items.Select(item => (item.Position, item.Score, item.Propensity)));
        Assert.Equal(request, RankRequest.Parser.ParseFrom(stored.Features.Span));
    }

    [Fact]
    public async Task Rank_OfAStream_IsStoredWithItsRequest()
    {
        var request = Request("user", 0.1f, 0.9f);
        await using var service = await StartAsync("Exposures:Log:FeaturesShare=1");
        using var call = new ScoringClient(service.Channel).RankStream(deadline: Soon);
        await call.RequestStream.WriteAsync(new RankStreamRequest { Request = request, TimeoutMs = 60_000 });
        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        var answer = call.ResponseStream.Current.Response;
        await call.RequestStream.CompleteAsync();
        using var reports = new Feedback.FeedbackClient(service.Channel).ReportStream(deadline: Soon);
        for (var rank = 0; rank < 2; rank++)
        {
            await reports.RequestStream.WriteAsync(new ReportRequest { Reports = { Report(answer, new ItemFeedback { Rank = rank, ShownPosition = rank }) } });
            Assert.True(await reports.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(1, reports.ResponseStream.Current.Stored);
        }

        await reports.RequestStream.CompleteAsync();
        Assert.False(await reports.ResponseStream.MoveNext(CancellationToken.None));
        service.Terminate();
        Assert.Equal(0, await service.ExitAsync());
        var rows = (await JoinAsync(answer)).Rows;
        Assert.Equal(2, rows.Count);
        Assert.Equal(request, RankRequest.Parser.ParseFrom(rows[0].Ranking.Features.Span));
    }

    [Fact]
    public async Task Explore_AShareOfTheRequests_DrawsFromTheBestAndSaysHowLikely()
    {
        await using var service = await StartAsync("Exploration:Share=0.5", "Exploration:Depth=4");
        float[] x = [.. Enumerable.Range(0, 10).Select(position => position / 10f)];
        var explored = new List<RankResponse>();
        var ranked = 0;
        for (var i = 0; i < 400; i++)
        {
            var request = Request($"{i}", x);
            request.TopK = 2;
            var answer = await RankAsync(service, request);
            if (answer.Explored)
            {
                explored.Add(answer);
            }
            else
            {
                ranked++;
                Assert.Equal([9, 8], answer.Items.Select(item => item.Position));
            }
        }

        // Five standard deviations of a binomial, then of each place's multinomial.
        Assert.InRange(ranked, 150, 250);
        foreach (var place in (int[])[0, 1])
        {
            var counts = explored.CountBy(answer => answer.Items[place].Position).ToDictionary();
            Assert.Equal([6, 7, 8, 9], counts.Keys.Order());
            Assert.All(counts.Values, count => Assert.InRange(count, (explored.Count / 4.0) - (5 * Math.Sqrt(explored.Count * 0.1875)), (explored.Count / 4.0) + (5 * Math.Sqrt(explored.Count * 0.1875))));
        }

        Assert.All(explored, answer => Assert.NotEqual(answer.Items[0].Position, answer.Items[1].Position));
        await new Feedback.FeedbackClient(service.Channel).ReportAsync(
            new ReportRequest { Reports = { explored.Select(answer => Report(answer, new ItemFeedback { Rank = 0, ShownPosition = 0 })) } }, deadline: Soon);
        // Who pins a version compares models, and is shown what they say.
        var pinned = Request("p", x);
        (pinned.Version, pinned.TopK) = (1, 2);
        for (var i = 0; i < 50; i++)
        {
            Assert.False((await RankAsync(service, pinned)).Explored);
        }

        service.Terminate();
        Assert.Equal(0, await service.ExitAsync());
        var rows = (await JoinAsync(explored[0])).Rows;
        Assert.NotEmpty(rows);
        Assert.All(rows, row => Assert.True(row.Ranking.Explored && row.Item.Propensity == 0.25));
    }

    [Fact]
    public async Task DeleteUser_WhatIsStored_IsGone()
    {
        await using var service = await StartAsync();
        var answer = await RankAsync(service, Request("gone", 0.5f));
        await RankAsync(service, Request("stays", 0.5f));
        var feedback = new Feedback.FeedbackClient(service.Channel);
        await feedback.ReportAsync(new ReportRequest { Reports = { Report(answer, new ItemFeedback { Rank = 0, ShownPosition = 0 }) } }, deadline: Soon);

        // Deletes nothing, and what waited to be stored is stored by then.
        Assert.Equal(0, (await feedback.DeleteUserAsync(new DeleteUserRequest { UserKey = "nobody" }, deadline: Soon)).Rankings);
        long before;
        await using (var reader = ExposureStores.OpenSqlite(new() { Path = Database }))
        {
            before = (await reader.StatisticsAsync()).Rankings;
        }

        var deleted = await feedback.DeleteUserAsync(new DeleteUserRequest { UserKey = "gone" }, deadline: Soon);

        Assert.Equal((1, 1), (deleted.Rankings, deleted.Reports));
        service.Terminate();
        Assert.Equal(0, await service.ExitAsync());
        await using var store = ExposureStores.OpenSqlite(new() { Path = Database });
        Assert.Equal(before - 1, (await store.StatisticsAsync()).Rankings);
        Assert.Equal(0, (await store.StatisticsAsync()).Reports);
        Assert.False(File.ReadAllBytes(Database).AsSpan().IndexOf("gone"u8) >= 0);
    }

    [Theory]
    [InlineData("""{}""", "reports: got 0, expected 1 to 1000")]
    [InlineData("""{"reports":[{"rankingId":"x","items":[{}]}]}""", "reports[0].ranking_id: got 'x', expected the ranking_id of an answer")]
    [InlineData("""{"reports":[{"rankingId":"00000000-0000-4000-8000-000000000000","items":[{}]}]}""", "expected the ranking_id of an answer")]
    [InlineData("""{"reports":[{"rankingId":"01900000-0000-7000-8000-000000000000","items":[{}]}]}""", "expected one of the last 168 hours")]
    [InlineData("""{"reports":[{"rankingId":"ID"}]}""", "reports[0].items: got 0, expected 1 to 1024 items")]
    [InlineData("""{"reports":[{"rankingId":"ID","items":[{"rank":-1}]}]}""", "reports[0].items[0].rank: got -1, expected at least 0")]
    [InlineData("""{"reports":[{"rankingId":"ID","items":[{"outcomes":{"click":"NaN"}}]}]}""", "reports[0].items[0].outcomes[\"click\"]: got NaN, expected a finite number")]
    [InlineData("""{"reports":[{"rankingId":"ID","items":[{"outcomes":{"a b":1}}]}]}""", "reports[0].items[0].outcomes: got 'a b', expected a name")]
    public async Task Report_NoReport_IsRefusedByField(string json, string expected)
    {
        await using var service = await StartAsync();
        var id = (await RankAsync(service, Request("user", 0.5f))).RankingId;
        var request = JsonParser.Default.Parse<ReportRequest>(json.Replace("ID", id, StringComparison.Ordinal));

        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Feedback.FeedbackClient(service.Channel).ReportAsync(request, deadline: Soon));

        Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
        Assert.Contains(expected, error.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Report_NothingIsStored_SaysWhichSettingToSet()
    {
        await using var service = await ServiceProcess.StartReadyAsync(Models);
        Assert.Equal("", (await RankAsync(service, Request("user", 0.5f))).RankingId);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Feedback.FeedbackClient(service.Channel).ReportAsync(
            new ReportRequest { Reports = { new FeedbackReport() } }, deadline: Soon));
        Assert.Equal((StatusCode.FailedPrecondition, "the service stores no exposures: setting Serving:Exposures:Store is None"), (error.StatusCode, error.Status.Detail));
    }

    [Fact]
    public async Task Rank_StoreCannotBeOpened_IsAnsweredAndFeedbackIsToldToComeAgain()
    {
        Directory.CreateDirectory(Database);
        await using var service = await ServiceProcess.StartReadyAsync(Models, "Exposures:Store=Sqlite", $"Exposures:Path={Database}");
        Assert.Equal("", (await RankAsync(service, Request("user", 0.5f))).RankingId);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await new Feedback.FeedbackClient(service.Channel).ReportAsync(
            new ReportRequest { Reports = { new FeedbackReport() } }, deadline: Soon));
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        Assert.Contains("2302", Assert.Single(service.Errors), StringComparison.Ordinal);
    }

    private static RankRequest Request(string user, params float[] x)
    {
        var request = ProbeModel.Request(ProbeModel.Strict, 0, x);
        (request.UserKey, request.Scenario) = (user, "home");
        request.CandidateIds.AddRange(Enumerable.Range(0, x.Length).Select(position => 101L + position));
        return request;
    }

    private static async Task<RankResponse> RankAsync(ServiceProcess service, RankRequest request) =>
        await new ScoringClient(service.Channel).RankAsync(request, deadline: Soon);

    private static FeedbackReport Report(RankResponse answer, params ItemFeedback[] items) => new() { RankingId = answer.RankingId, Items = { items } };

    private async Task<ServiceProcess> StartAsync(params string[] settings)
    {
        var service = await ServiceProcess.StartReadyAsync(Models, ["Exposures:Store=Sqlite", $"Exposures:Path={Database}", .. settings]);
        // Until the store is open answers have no id.
        await Poll.UntilAsync(async () => (await RankAsync(service, Request("", 0.5f))).RankingId.Length > 0, "the store is open");
        return service;
    }

    // Of all that was stored around an answer, but for the requests that only waited for the store.
    private async Task<JoinedWindow> JoinAsync(RankResponse answer)
    {
        await using var store = ExposureStores.OpenSqlite(new() { Path = Database });
        Assert.True(Pantheon.Exposures.Rankings.RankingId.TryTimeOf(Guid.Parse(answer.RankingId), out var at));
        var join = new ExposureJoin(store, new JoinOptions { Labels = [new("ctr", "click"), new("lvtr", "play_seconds", 10)] });
        var now = DateTimeOffset.FromUnixTimeMilliseconds(DateTimeOffset.UtcNow.ToUnixTimeMilliseconds());
        return await join.ReadAsync(new ExposureWindow(at, now, now));
    }
}

using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Tests.Rank;

public sealed class RankTests : IDisposable
{
    private readonly Workplace _place = new();

    [Fact]
    public async Task Rank_Answered_PrintsTheTable()
    {
        await using var service = await FakeService.StartAsync((_, _) => Answer());

        var run = (await RankAsync(service, """{"candidateIds": ["11", 22], "topK": 2}""")).Succeeded();

        var lines = run.Output.Split('\n').Select(line => string.Join(' ', line.Split(' ', StringSplitOptions.RemoveEmptyEntries))).ToArray();
        Assert.Contains("rank item calibrated raw score is_click", lines.Select(line => line.Replace(" | ", " ", StringComparison.Ordinal)));
        Assert.Contains(lines, line => line.StartsWith("1 ", StringComparison.Ordinal) && line.EndsWith("22 1.2500 0.5000 0.7500", StringComparison.Ordinal));
        Assert.Contains("model toy version 3, arm base", lines);
        Assert.Contains("bundle sha256:abc", lines);
        Assert.Contains("candidates 2, of which 1 returned and 1 dropped as their score is not finite (position 0)", lines);
        Assert.Contains("service prepare 12 us, queue 0 us, run 2.5 ms, rank 1.50 s", lines);
        Assert.Contains(lines, line => line.StartsWith("round trip ", StringComparison.Ordinal));
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task Rank_FileSaysNothingOfTheOutput_AsksForAll()
    {
        RankRequest? came = null;
        await using var service = await FakeService.StartAsync((request, _) => Keep(ref came, request));

        (await RankAsync(service, """{"model": "a", "version": "1", "topK": 5}""", "--model", "b", "--version", "2", "--top-k", "7")).Succeeded();

        Assert.Equal(("b", 2, 7), (came!.Model, came.Version, came.TopK));
        Assert.True(came.Output.Pxtrs && came.Output.RawScores);
    }

    [Fact]
    public async Task Rank_FileSaysWhatToReturn_IsKept()
    {
        RankRequest? came = null;
        await using var service = await FakeService.StartAsync((request, _) => Keep(ref came, request));

        (await RankAsync(service, """{"model": "a", "topK": 5, "output": {"rawScores": true}}""")).Succeeded();

        Assert.Equal(("a", 0, 5), (came!.Model, came.Version, came.TopK));
        Assert.False(came.Output.Pxtrs);
    }

    [Fact]
    public async Task Rank_Overloaded_SaysWhenToTryAgain()
    {
        await using var service = await FakeService.StartAsync((_, _) => throw new RpcException(
            new Status(StatusCode.ResourceExhausted, "the queue is full"), new Metadata { { "grpc-retry-pushback-ms", "25" } }));

        (await RankAsync(service, "{}")).FailedWith(1, "rank: RESOURCE_EXHAUSTED: the queue is full (try again in 25 ms)");
    }

    [Fact]
    public async Task Rank_Refused_SaysStatusAndMessage()
    {
        await using var service = await FakeService.StartAsync((_, _) =>
            throw new RpcException(new Status(StatusCode.InvalidArgument, "top_k: got -1, expected 0 to 1000")));

        (await RankAsync(service, "{}")).FailedWith(1, "rank: INVALID_ARGUMENT: top_k: got -1, expected 0 to 1000");
    }

    [Fact]
    public async Task Rank_NoAnswerInTime_IsDeadlineExceeded()
    {
        using var gate = new ManualResetEventSlim();
        await using var service = await FakeService.StartAsync((_, context) =>
        {
            gate.Wait(context.CancellationToken);
            return Answer();
        });

        var run = await RankAsync(service, "{}", "--timeout", "0.2");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("rank: DEADLINE_EXCEEDED", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rank_NobodyThere_IsUnavailable()
    {
        var port = FreePort();
        var run = await CliRun.OfAsync("rank", "--request", _place.Write("request.json", "{}"), "--target", $"127.0.0.1:{port}");

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith("rank: UNAVAILABLE: ", run.Error, StringComparison.Ordinal);
        Assert.EndsWith($"(is the service up at 127.0.0.1:{port}?)\n", run.Error, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Rank_Wait_OutlastsAStart()
    {
        var checks = 0;
        var port = FreePort();
        var run = CliRun.OfAsync("rank", "--request", _place.Write("request.json", "{}"), "--target", $"127.0.0.1:{port}", "--wait", "60");
        await using var service = await FakeService.StartAsync((_, _) => Answer(), port, isReady: () => ++checks >= 3);

        (await run).Succeeded();

        Assert.Equal(3, checks);
    }

    [Fact]
    public async Task Rank_WaitOver_SaysWhatIsWrong()
    {
        await using var service = await FakeService.StartAsync((_, _) => Answer(), isReady: () => false);

        var run = await RankAsync(service, "{}", "--wait", "0.3");

        Assert.Equal(1, run.ExitCode);
        Assert.EndsWith($"rank: {service.Target} is not ready after 0.3 s: its health is NOT_SERVING\n", run.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("{\n  \"topK\": 1,\n  \"topq\": 2\n}", "line 3, column 3: ")]
    [InlineData("{\n  \"topK\": 1,,\n}", "line 2, column 13: not JSON: ")]
    [InlineData("{\n  \"candidateIds\": [1, 2, \"x\"]\n}", "line 2, column 26: ")]
    [InlineData("{\n  \"model\": \"a\",\n  \"topK\": [1]\n}", "line 3, column 3: ")]
    [InlineData("{\n  \"candidateFeatures\": [\n    {\"name\": \"a\", \"kind\": 1}]}", "line 3, column 19: ")]
    public async Task Rank_FileThatIsNoRequest_SaysWhere(string json, string place)
    {
        var file = _place.Write("request.json", json);
        var run = await CliRun.OfAsync("rank", "--request", file);

        Assert.Equal(1, run.ExitCode);
        Assert.StartsWith($"rank: {file}: {place}", run.Error, StringComparison.Ordinal);
        Assert.Equal(1, run.Error.Count(letter => letter == '\n'));
    }

    [Theory]
    [InlineData("--target", "localhost", "--target: got 'localhost', expected host:port such as 127.0.0.1:8500")]
    [InlineData("--target", "ftp://localhost:1", "--target: got 'ftp://localhost:1', expected host:port such as 127.0.0.1:8500")]
    [InlineData("--timeout", "0", "--timeout: got 0, expected seconds from 0.001 to 86400")]
    [InlineData("--wait", "-1", "--wait: got -1, expected seconds from 0 to 86400")]
    public async Task Rank_OptionValueThatIsNone_IsUsage(string option, string value, string reason) =>
        (await CliRun.OfAsync("rank", "--request", _place.Write("request.json", "{}"), option, value)).FailedWith(2, $"rank: {reason}");

    [Fact]
    public void Request_ThatShips_IsWhatTheBundleTakes()
    {
        var request = Google.Protobuf.JsonParser.Default.Parse<RankRequest>(File.ReadAllText(Workplace.Shipped("kuairand", "request.json")));
        var bundle = new Bundles.ModelRepository(Workplace.Shipped()).Open("kuairand", 1);
        var golden = bundle.Goldens[2];

        Assert.Equal(300, request.CandidateIds.Count);
        var items = request.CandidateFeatures.Single(feature => feature.Name == "item_id").Int64S;
        Assert.Equal(request.CandidateIds, items);
        Assert.Equal(golden.Inputs["item_id"].Int64s!, items.Select(bundle.Vocabularies["item_id"].Map));
        Assert.Equal(golden.Inputs["user_id"].Int64s!, request.UserFeatures.Single(feature => feature.Name == "user_id").Int64S.Select(bundle.Vocabularies["user_id"].Map));
        Assert.Equal(golden.Inputs["item_dense"].Floats!, request.CandidateFeatures.Single(feature => feature.Name == "item_dense").Floats);
        Assert.Equal(golden.Inputs["user_dense"].Floats!, request.UserFeatures.Single(feature => feature.Name == "user_dense").Floats);
    }

    public void Dispose() => _place.Dispose();

    private Task<CliRun> RankAsync(FakeService service, string json, params string[] more) =>
        CliRun.OfAsync(["rank", "--request", _place.Write("request.json", json), "--target", service.Target, .. more]);

    private static RankResponse Keep(ref RankRequest? came, RankRequest request)
    {
        came = request;
        return Answer();
    }

    private static RankResponse Answer() => new()
    {
        Model = "toy",
        Version = 3,
        BundleDigest = "sha256:abc",
        Arm = Arm.Base,
        Calibrated = true,
        Candidates = 2,
        Objectives = { "is_click" },
        Items = { new RankedItem { Id = 22, Position = 1, Score = 1.25f, RawScore = 0.5f, Pxtrs = { 0.75f } } },
        DroppedPositions = { 0 },
        Timings = new StageTimings { PrepareSeconds = 12e-6, RunSeconds = 2.5e-3, RankSeconds = 1.5 },
    };

    private static int FreePort()
    {
        using var listener = new TcpListener(IPAddress.Loopback, 0);
        listener.Start();
        return ((IPEndPoint)listener.LocalEndpoint).Port;
    }
}

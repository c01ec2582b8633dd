using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using Pantheon.Serving.Tests.Border;

namespace Pantheon.Serving.Tests.Streaming;

/// <summary>RankStream as its comment in scoring.proto promises. The service scores 2 requests at a time, 4 of one stream.</summary>
[Collection(nameof(Service))]
public sealed class RankStreamTests(Service service)
{
    private const int Concurrency = 4;

    [Fact]
    public async Task RankStream_WithoutRequestId_IsInvalidArgumentAndTheStreamGoesOn()
    {
        var request = ProbeModel.Request(ProbeModel.Strict);
        request.RequestId = "";

        var answers = await AskAsync(new RankStreamRequest { Request = request }, One("good"));

        var error = Assert.Single(answers, answer => answer.Error is not null);
        Assert.Equal("", error.RequestId);
        Assert.Equal(((int)StatusCode.InvalidArgument, "request.request_id: got none, expected one, to match the answer"), (error.Error.Code, error.Error.Message));
        Assert.Equal("good", Assert.Single(answers, answer => answer.Response is not null).RequestId);
    }

    [Fact]
    public async Task RankStream_EmptyMessage_IsInvalidArgument()
    {
        var error = Assert.Single(await AskAsync(new RankStreamRequest())).Error;

        Assert.Equal((int)StatusCode.InvalidArgument, error.Code);
    }

    [Fact]
    public async Task RankStream_NegativeTimeout_IsInvalidArgument()
    {
        var error = Assert.Single(await AskAsync(One("a", timeout: -1))).Error;

        Assert.Equal(((int)StatusCode.InvalidArgument, "timeout_ms: got -1, expected 0 (none) or above"), (error.Code, error.Message));
    }

    [Fact]
    public async Task RankStream_LongestTimeout_IsNone()
    {
        Assert.Equal("a", Assert.Single(await AskAsync(One("a", timeout: long.MaxValue))).Response.RequestId);
    }

    [Fact]
    public async Task RankStream_SameIdTwiceInFlight_AnswersBoth()
    {
        var answers = await AskAsync(One("twin"), One("twin"), One("twin"));

        Assert.Equal(3, answers.Count(answer => answer.RequestId == "twin" && answer.Response is not null));
    }

    [Fact]
    public async Task RankStream_EachKindOfFailure_IsAnsweredWithItsCode()
    {
        var unknown = One("unknown");
        unknown.Request.Model = "nobody";
        var version = One("version");
        version.Request.Version = 7;
        var infinite = new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Failing, 0, float.PositiveInfinity) };

        var codes = (await AskAsync(unknown, version, infinite)).Select(answer => (StatusCode)answer.Error.Code).Order();

        Assert.Equal([StatusCode.NotFound, StatusCode.FailedPrecondition, StatusCode.Internal], codes);
    }

    [Fact]
    public async Task RankStream_HalfClosedWhileRequestsRun_AnswersThemFirst()
    {
        using var call = service.Client.RankStream(deadline: Service.Soon);
        // Some 0.2 s of work each: none is done when the client closes its half.
        for (var number = 0; number < Concurrency; number++)
        {
            await call.RequestStream.WriteAsync(One($"{number}", rounds: 10_000));
        }

        await call.RequestStream.CompleteAsync();
        var answers = await ReadAsync(call);

        Assert.Equal(["0", "1", "2", "3"], answers.Select(answer => answer.Response.RequestId).Order(StringComparer.Ordinal));
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task RankStream_AnswersComeAsTheyFinish()
    {
        using var call = service.Client.RankStream(deadline: Service.Soon);
        await call.RequestStream.WriteAsync(One("long", rounds: ProbeModel.Endless, timeout: 60_000));
        await service.Process.RunningAsync(1);

        await call.RequestStream.WriteAsync(One("short"));

        Assert.True(await call.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal("short", call.ResponseStream.Current.RequestId);
        call.Dispose();
        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task RankStream_AtItsConcurrency_ReadsNoFurtherAndTheClientIsHeldBack()
    {
        var decoded = await service.Process.MetricAsync("pantheon_requests_total");
        using var cancellation = new CancellationTokenSource();
        using var call = service.Client.RankStream(deadline: Service.Soon, cancellationToken: cancellation.Token);
        for (var number = 0; number < Concurrency; number++)
        {
            await call.RequestStream.WriteAsync(One($"{number}", rounds: ProbeModel.Endless));
        }

        // 2 run, 2 wait for a slot of the engine; the rest stays where flow control keeps it.
        await service.Process.RunningAsync(2);
        await Poll.UntilAsync(async () => await service.Process.MetricAsync("pantheon_queue_length") == 2, "2 wait");
        var rented = await service.Process.MetricAsync("pantheon_buffers_rented_bytes");
        var written = 0;
        var held = Task.Run(async () =>
        {
            // 500 KB each; the windows of HTTP/2 have room for 1 MB of a stream, and Kestrel's pipe for as much again.
            var large = One("large");
            large.Request.CandidateFeatures[0].Data = Google.Protobuf.ByteString.CopyFrom(new byte[500_000]);
            for (var number = 0; number < 100; number++)
            {
                await call.RequestStream.WriteAsync(large);
                Interlocked.Increment(ref written);
            }
        });

        // Some of them fill what lies between; then nothing moves any more.
        var (seen, still) = (0, 0);
        await Poll.UntilAsync(
            async () =>
            {
                await service.Process.MetricAsync("pantheon_queue_length");
                still = Volatile.Read(ref written) == seen && seen > 0 ? still + 1 : 0;
                seen = Volatile.Read(ref written);
                return still == 20;
            },
            "the client is held back");
        Assert.InRange(seen, 1, 20);
        Assert.False(held.IsCompleted);
        Assert.Equal(2, await service.Process.MetricAsync("pantheon_queue_length"));
        Assert.Equal(rented, await service.Process.MetricAsync("pantheon_buffers_rented_bytes"));
        Assert.Equal(decoded, await service.Process.MetricAsync("pantheon_requests_total"));

        await cancellation.CancelAsync();
        await Assert.ThrowsAnyAsync<Exception>(() => held);
        await service.Process.IdleAsync();
    }

    // The bug: a request's slot was free once it was scored, so that answers nobody took piled up in memory.
    [Fact]
    public async Task RankStream_AnswersNotTaken_HoldTheClientBack()
    {
        const int Requests = 2000;
        var before = await service.Process.MetricAsync("pantheon_requests_total");
        using var call = service.Client.RankStream(deadline: Service.Soon);
        var request = DemoModel.Shipped.Request(DemoModel.Shipped.Goldens[^1]);
        var writing = Task.Run(async () =>
        {
            for (var number = 0; number < Requests; number++)
            {
                await call.RequestStream.WriteAsync(new RankStreamRequest { Request = request });
            }

            await call.RequestStream.CompleteAsync();
        });
        var (seen, calm) = (-1.0, 0);
        await Poll.UntilAsync(
            async () =>
            {
                var now = await service.Process.MetricAsync("pantheon_requests_total") - before;
                (seen, calm) = (now, now > 0 && now == seen ? calm + 1 : 0);
                return calm == 20;
            },
            "no request is scored any more");

        Assert.True(seen < Requests / 2, $"{seen} were scored, and no answer was taken");
        Assert.True(await service.Process.MetricAsync("pantheon_buffers_rented_bytes") < Concurrency * 100_000);
        Assert.Equal(Requests, (await ReadAsync(call)).Count(answer => answer.Response is not null));
        await writing;
        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task RankStream_StreamsOwnDeadlinePasses_EndsItAndItsRuns()
    {
        using var call = service.Client.RankStream(deadline: DateTime.UtcNow.AddSeconds(1));
        await call.RequestStream.WriteAsync(One("late", rounds: ProbeModel.Endless));

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await call.ResponseStream.MoveNext(CancellationToken.None))
            {
            }
        });

        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        await service.Process.IdleAsync();
    }

    private static RankStreamRequest One(string id, long rounds = 0, long timeout = 0)
    {
        var request = ProbeModel.Request(ProbeModel.Strict, rounds);
        request.RequestId = id;
        return new RankStreamRequest { Request = request, TimeoutMs = timeout };
    }

    private static async Task<List<RankStreamResponse>> ReadAsync(AsyncDuplexStreamingCall<RankStreamRequest, RankStreamResponse> call)
    {
        var answers = new List<RankStreamResponse>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            answers.Add(call.ResponseStream.Current);
        }

        return answers;
    }

    private async Task<List<RankStreamResponse>> AskAsync(params RankStreamRequest[] requests)
    {
        using var call = service.Client.RankStream(deadline: Service.Soon);
        foreach (var request in requests)
        {
            await call.RequestStream.WriteAsync(request);
        }

        await call.RequestStream.CompleteAsync();
        return await ReadAsync(call);
    }
}

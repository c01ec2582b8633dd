using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>The service as the generated C# client sees it.</summary>
[Collection(nameof(Service))]
public sealed class GeneratedClientTests(Service service)
{
    private static readonly DemoModel Model = DemoModel.Shipped;

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public static TheoryData<int, ValueForm> Goldens
    {
        get
        {
            var data = new TheoryData<int, ValueForm>();
            foreach (var candidates in (int[])[7, 64, 300])
            {
                data.Add(candidates, ValueForm.Data);
                data.Add(candidates, ValueForm.Lists);
            }

            return data;
        }
    }

    [Theory]
    [MemberData(nameof(Goldens))]
    public async Task Rank_GoldenRequest_EqualsGoldenAnswer(int candidates, ValueForm form)
    {
        var golden = Golden(candidates);
        var request = Model.Request(golden, form);
        GoldenParity.Check(Model, golden, request, await service.Client.RankAsync(request, deadline: Soon));
    }

    [Fact]
    public async Task RankStream_ManyInFlightAndOneBad_AnswersAllById()
    {
        using var call = service.Client.RankStream(deadline: Soon);
        var writing = Task.Run(async () =>
        {
            for (var number = 0; number < 300; number++)
            {
                var request = Model.Request(Model.Goldens[number % 3]);
                request.RequestId = $"{number}";
                if (number == 57)
                {
                    request.CandidateFeatures[0].Name = "nonsense";
                }

                await call.RequestStream.WriteAsync(new RankStreamRequest { Request = request });
            }

            await call.RequestStream.CompleteAsync();
        });

        var answers = await ReadAsync(call);
        await writing;

        Assert.Equal(Enumerable.Range(0, 300).Select(number => $"{number}").Order(StringComparer.Ordinal), answers.Select(answer => answer.RequestId).Order(StringComparer.Ordinal));
        foreach (var answer in answers)
        {
            var number = int.Parse(answer.RequestId, System.Globalization.CultureInfo.InvariantCulture);
            if (number == 57)
            {
                Assert.Equal((int)StatusCode.InvalidArgument, answer.Error.Code);
                Assert.StartsWith("candidate_features[0].name: got 'nonsense'", answer.Error.Message, StringComparison.Ordinal);
                continue;
            }

            var request = Model.Request(Model.Goldens[number % 3]);
            request.RequestId = answer.RequestId;
            GoldenParity.Check(Model, Model.Goldens[number % 3], request, answer.Response);
        }

        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Fact]
    public async Task RankStream_GarbageBetweenRequests_IsAnsweredAndTheStreamGoesOn()
    {
        using var call = service.Process.Channel.CreateCallInvoker().AsyncDuplexStreamingCall(RawMethods.RankStream, null, new CallOptions(deadline: Soon));
        byte[] good = Stream(Good());
        await call.RequestStream.WriteAsync(good);
        for (var length = 1; length <= 50; length++)
        {
            await call.RequestStream.WriteAsync([0x0A, 0xFF, 0xFF, .. new byte[length]]);
        }

        await call.RequestStream.WriteAsync(good);
        await call.RequestStream.CompleteAsync();

        var answers = await ReadAsync(call);

        Assert.Equal(2, answers.Count(answer => answer.ResultCase == RankStreamResponse.ResultOneofCase.Response));
        Assert.Equal(50, answers.Count(answer => answer.Error?.Code == (int)StatusCode.InvalidArgument));
    }

    [Fact]
    public async Task RankStream_OneWithATimeout_IsLateAloneAndTheOthersAreRanked()
    {
        using var call = service.Client.RankStream(deadline: Soon);
        await call.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), TimeoutMs = 200 });
        for (var number = 0; number < 20; number++)
        {
            await call.RequestStream.WriteAsync(new RankStreamRequest { Request = Good() });
        }

        await call.RequestStream.CompleteAsync();
        var answers = await ReadAsync(call);

        Assert.Equal(20, answers.Count(answer => answer.Response is not null));
        var late = Assert.Single(answers, answer => answer.Error is not null).Error;
        Assert.True(
            late.Code == (int)StatusCode.DeadlineExceeded || (late.Code == (int)StatusCode.ResourceExhausted && late.RetryAfterMs > 0), late.ToString());
        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task Rank_DeadlinePassesWhileItRuns_EndsTheRun()
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await service.Client.RankAsync(
            ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), deadline: DateTime.UtcNow.AddSeconds(0.5)));

        if (error.StatusCode == StatusCode.ResourceExhausted)
        {
            Assert.NotNull(error.Trailers.GetValue("grpc-retry-pushback-ms"));
        }
        else
        {
            Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        }

        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task Rank_CancelledWhileItRuns_EndsTheRun()
    {
        using var cancellation = new CancellationTokenSource();
        using var call = service.Client.RankAsync(
            ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), deadline: Soon, cancellationToken: cancellation.Token);
        await service.Process.RunningAsync(1);

        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
        await service.Process.IdleAsync();
        await RanksAsync();
    }

    [Fact]
    public async Task RankStream_CancelledWhileItsRequestsRun_EndsTheRuns()
    {
        using var cancellation = new CancellationTokenSource();
        using var call = service.Client.RankStream(deadline: Soon, cancellationToken: cancellation.Token);
        for (var number = 0; number < 5; number++)
        {
            await call.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless) });
        }

        await Poll.UntilAsync(async () => await service.Process.MetricAsync("pantheon_requests_running") > 0, "they run");
        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => ReadAsync(call))).StatusCode);
        await service.Process.IdleAsync();
        await RanksAsync();
    }

    [Fact]
    public async Task Rank_Garbage_IsInvalidArgument()
    {
        var invoker = service.Process.Channel.CreateCallInvoker();
        byte[][] payloads = [[.. Enumerable.Repeat((byte)0xFF, 64)], [0x0A], [0x42, 0xFF, 0xFF, .. new byte[3000]]];
        foreach (var payload in payloads)
        {
            var error = await Assert.ThrowsAsync<RpcException>(async () => await invoker.AsyncUnaryCall(RawMethods.Rank, null, new CallOptions(deadline: Soon), payload));
            Assert.Equal(StatusCode.InvalidArgument, error.StatusCode);
            Assert.StartsWith("RankRequest: got bytes that are no protobuf message", error.Status.Detail, StringComparison.Ordinal);
        }

        await service.Process.IdleAsync();
    }

    [Fact]
    public async Task Rank_UnknownModel_IsNotFound()
    {
        var request = Good();
        request.Model = "nobody";
        await FailsAsync(request, StatusCode.NotFound, $"model: got 'nobody', expected one of {DemoModel.Name}, {ProbeModel.Strict}");
    }

    [Fact]
    public async Task Rank_VersionNotLoaded_IsFailedPrecondition()
    {
        var request = Good();
        request.Version = 999;
        await FailsAsync(request, StatusCode.FailedPrecondition, $"version: got 999, expected a loaded version of '{DemoModel.Name}' ({Model.Manifest.Version})");
    }

    [Fact]
    public async Task UnaryCall_MethodThatIsMissing_IsUnimplemented()
    {
        var invoker = service.Process.Channel.CreateCallInvoker();
        var error = await Assert.ThrowsAsync<RpcException>(async () => await invoker.AsyncUnaryCall(RawMethods.Missing, null, new CallOptions(deadline: Soon), []));
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Fact]
    public async Task Rank_MessageAboveTheLimit_IsResourceExhausted()
    {
        var request = Good();
        request.CandidateFeatures[0].Data = Google.Protobuf.ByteString.CopyFrom(new byte[17 << 20]);
        var error = await Assert.ThrowsAsync<RpcException>(async () => await service.Client.RankAsync(request, deadline: Soon));
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        await service.Process.IdleAsync();
        await RanksAsync();
    }

    private static int Golden(int candidates) => Model.Goldens.Single(golden => Model.Scores(golden).Length == candidates);

    private static RankRequest Good() => Model.Request(Model.Goldens[0]);

    private static byte[] Stream(RankRequest request) => Google.Protobuf.MessageExtensions.ToByteArray(new RankStreamRequest { Request = request });

    private static async Task<List<RankStreamResponse>> ReadAsync<TRequest>(AsyncDuplexStreamingCall<TRequest, RankStreamResponse> call)
    {
        var answers = new List<RankStreamResponse>();
        while (await call.ResponseStream.MoveNext(CancellationToken.None))
        {
            answers.Add(call.ResponseStream.Current);
        }

        return answers;
    }

    private async Task RanksAsync() => GoldenParity.Check(Model, Model.Goldens[0], Good(), await service.Client.RankAsync(Good(), deadline: Soon));

    private async Task FailsAsync(RankRequest request, StatusCode code, string message)
    {
        var error = await Assert.ThrowsAsync<RpcException>(async () => await service.Client.RankAsync(request, deadline: Soon));
        Assert.Equal((code, message), (error.StatusCode, error.Status.Detail));
    }
}

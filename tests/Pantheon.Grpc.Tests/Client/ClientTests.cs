using System.Net;
using System.Net.Sockets;
using Google.Protobuf;
using Grpc.Core;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests.Client;

/// <summary>Our client against each server.</summary>
public sealed class ClientTests(Peers peers) : IClassFixture<Peers>
{
    public static TheoryData<string> All => Peers.All;

    private static DateTime Soon => DateTime.UtcNow + Time.Limit;

    [Theory, MemberData(nameof(All))]
    public async Task Unary_Echo_AnswersTheSame(string peer)
    {
        using var channel = peers.Open(peer);
        var payload = ByteString.CopyFrom(0, 1, 255);
        using var call = channel.Client().UnaryAsync(new Ask { Text = "grüß", Payload = payload, Count = 3 }, deadline: Soon);
        Assert.Equal(new Answer { Text = "grüß", Payload = payload, Count = 3 }, await call);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
        Assert.NotNull(await call.ResponseHeadersAsync);
    }

    [Theory, MemberData(nameof(All))]
    public void BlockingUnary_Echo_Answers(string peer)
    {
        using var channel = peers.Open(peer);
        Assert.Equal("sync", channel.Client().Unary(new Ask { Text = "sync" }, deadline: Soon).Text);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_ThreeMegabytesBothWays_ArriveWhole(string peer)
    {
        using var channel = peers.Open(peer);
        var bytes = new byte[3_000_000];
        Random.Shared.NextBytes(bytes);
        var answer = await channel.Client().UnaryAsync(new Ask { Payload = ByteString.CopyFrom(bytes) }, deadline: Soon);
        Assert.True(bytes.AsSpan().SequenceEqual(answer.Payload.Span));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_Fails_StatusMessageAndTrailersArrive(string peer)
    {
        using var channel = peers.Open(peer);
        foreach (var text in new[] { "plain", "per%cent", "grüße 世界 😀", "line\nbreak" })
        {
            using var call = channel.Client().UnaryAsync(new Ask { Act = Act.Fail, Code = 9, Text = text }, deadline: Soon);
            var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
            Assert.Equal((StatusCode.FailedPrecondition, text), (error.StatusCode, error.Status.Detail));
            Assert.Equal("because", error.Trailers.GetValue("x-why"));
            Assert.Equal(StatusCode.FailedPrecondition, call.GetStatus().StatusCode);
            Assert.Equal("because", call.GetTrailers().GetValue("x-why"));
        }
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_Metadata_HeadersAndTrailersEchoed(string peer)
    {
        using var channel = peers.Open(peer);
        byte[] bytes = [0, 255, 128, 44];
        var metadata = new Metadata { { "X-Echo", "value" }, { "x-echo-bin", bytes } };
        using var call = channel.Client().UnaryAsync(new Ask { Act = Act.Metadata }, metadata, Soon);
        var headers = await call.ResponseHeadersAsync;
        Assert.Equal("value", headers.GetValue("x-echo"));
        Assert.Equal(bytes, headers.GetValueBytes("x-echo-bin"));
        await call;
        Assert.Equal("value", call.GetTrailers().GetValue("x-trailer"));
        Assert.Equal(bytes, call.GetTrailers().GetValueBytes("x-trailer-bin"));
    }

    // Not grpcio: HttpClient joins repeated headers with a comma, as HTTP and gRPC allow, and grpcio does not read that.
    // Not our own server either: upstream's does not read it.
    [Fact]
    public async Task Unary_RepeatedBinaryMetadata_EachValueArrives()
    {
        using var channel = peers.Open("node");
        var metadata = new Metadata { { "x-echo-bin", [1] }, { "x-echo-bin", [2, 3] } };
        using var call = channel.Client().UnaryAsync(new Ask { Act = Act.Metadata }, metadata, Soon);
        await call;
        Assert.Equal([[1], [2, 3]], call.GetTrailers().GetAll("x-trailer-bin").Select(entry => entry.ValueBytes));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_Deadline_IsToldToTheServer(string peer)
    {
        using var channel = peers.Open(peer);
        var left = await channel.Client().UnaryAsync(new Ask { Act = Act.Deadline }, deadline: DateTime.UtcNow.AddSeconds(50));
        Assert.InRange(left.Count, 1, 50_100);
        Assert.Equal(-1, (await channel.Client().UnaryAsync(new Ask { Act = Act.Deadline })).Count);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_DeadlinePasses_DeadlineExceededAndServerCancelled(string peer)
    {
        using var channel = peers.Open(peer);
        var client = channel.Client();
        using var call = client.UnaryAsync(new Ask { Act = Act.Wait, Text = "deadline" }, deadline: DateTime.UtcNow.AddMilliseconds(300));
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
        Assert.Equal("cancelled", (await client.UnaryAsync(new Ask { Act = Act.Tell, Text = "deadline" }, deadline: Soon)).Text);
    }

    [Fact]
    public async Task Unary_DeadlineInThePast_DeadlineExceededWithoutACall()
    {
        using var channel = Channels.Open("http://127.0.0.1:1");
        var error = await Assert.ThrowsAsync<RpcException>(
            () => channel.Client().UnaryAsync(new Ask(), deadline: DateTime.UtcNow.AddSeconds(-1)).ResponseAsync);
        Assert.Equal(StatusCode.DeadlineExceeded, error.StatusCode);
    }

    [Fact]
    public void Unary_DeadlineNotInUtc_Refused()
    {
        using var channel = Channels.Open("http://127.0.0.1:1");
        Assert.Throws<InvalidOperationException>(
            () => { channel.Client().UnaryAsync(new Ask(), deadline: new DateTime(2100, 1, 1, 0, 0, 0, DateTimeKind.Local)); });
    }

    [Theory, MemberData(nameof(All))]
    public async Task ServerStream_TokenCancelled_CancelledAndServerToo(string peer)
    {
        using var channel = peers.Open(peer);
        using var cancel = new CancellationTokenSource();
        var client = channel.Client();
        using var call = client.ServerStream(new Ask { Act = Act.Wait, Count = 1, Text = "cancel" }, cancellationToken: cancel.Token);
        Assert.True(await call.ResponseStream.MoveNext());
        cancel.Cancel();
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
        Assert.Equal(StatusCode.Cancelled, call.GetStatus().StatusCode);
        Assert.Equal("cancelled", (await client.UnaryAsync(new Ask { Act = Act.Tell, Text = "cancel" }, deadline: Soon)).Text);
    }

    [Theory, MemberData(nameof(All))]
    public async Task ServerStream_Disposed_ServerCancelled(string peer)
    {
        using var channel = peers.Open(peer);
        var client = channel.Client();
        using (var call = client.ServerStream(new Ask { Act = Act.Wait, Count = 1, Text = "dispose" }))
        {
            Assert.True(await call.ResponseStream.MoveNext());
        }

        Assert.Equal("cancelled", (await client.UnaryAsync(new Ask { Act = Act.Tell, Text = "dispose" }, deadline: Soon)).Text);
    }

    [Fact]
    public async Task Unary_TokenAlreadyCancelled_Cancelled()
    {
        using var channel = peers.Open("ours");
        var error = await Assert.ThrowsAsync<RpcException>(
            () => channel.Client().UnaryAsync(new Ask(), cancellationToken: new CancellationToken(true)).ResponseAsync);
        Assert.Equal(StatusCode.Cancelled, error.StatusCode);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_MissingMethod_Unimplemented(string peer)
    {
        using var channel = peers.Open(peer);
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.Client().MissingAsync(new Ask(), deadline: Soon).ResponseAsync);
        Assert.Equal(StatusCode.Unimplemented, error.StatusCode);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_AnswerOverLimit_ResourceExhausted(string peer)
    {
        using var channel = peers.Open(peer, options => options.MaxReceiveMessageSize = 1000);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => channel.Client().UnaryAsync(new Ask { Act = Act.Size, Count = 1001 }, deadline: Soon).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("Received message exceeds the maximum configured message size.", error.Status.Detail);
        Assert.Equal(900, (await channel.Client().UnaryAsync(new Ask { Act = Act.Size, Count = 900 }, deadline: Soon)).Payload.Length);
    }

    [Fact]
    public async Task Unary_RequestOverLimit_ResourceExhausted()
    {
        using var channel = peers.Open("ours", options => options.MaxSendMessageSize = 1000);
        var error = await Assert.ThrowsAsync<RpcException>(
            () => channel.Client().UnaryAsync(new Ask { Payload = ByteString.CopyFrom(new byte[1001]) }, deadline: Soon).ResponseAsync);
        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.Equal("Sending message exceeds the maximum configured message size.", error.Status.Detail);
    }

    [Theory, MemberData(nameof(All))]
    public async Task ServerStream_Many_InOrder(string peer)
    {
        using var channel = peers.Open(peer);
        using var call = channel.Client().ServerStream(new Ask { Count = 500, Payload = ByteString.CopyFrom(new byte[1000]) }, deadline: Soon);
        var counts = new List<int>();
        await foreach (var answer in call.ResponseStream.ReadAllAsync())
        {
            counts.Add(answer.Count);
        }

        Assert.Equal(Enumerable.Range(0, 500), counts);
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory, MemberData(nameof(All))]
    public async Task ServerStream_FailsAfterMessages_MessagesThenStatus(string peer)
    {
        using var channel = peers.Open(peer);
        using var call = channel.Client().ServerStream(new Ask { Act = Act.Fail, Code = 8, Text = "müde", Count = 2 }, deadline: Soon);
        Assert.True(await call.ResponseStream.MoveNext());
        Assert.True(await call.ResponseStream.MoveNext());
        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.ResourceExhausted, "müde"), (error.StatusCode, error.Status.Detail));
        Assert.Equal("because", call.GetTrailers().GetValue("x-why"));
    }

    [Theory, MemberData(nameof(All))]
    public async Task Duplex_PingPong_EachAnswered(string peer)
    {
        using var channel = peers.Open(peer);
        using var call = channel.Client().Duplex(deadline: Soon);
        for (var i = 0; i < 100; i++)
        {
            await call.RequestStream.WriteAsync(new Ask { Count = i, Payload = ByteString.CopyFrom(new byte[i * 100]) });
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal((i, i * 100), (call.ResponseStream.Current.Count, call.ResponseStream.Current.Payload.Length));
        }

        await call.RequestStream.CompleteAsync();
        Assert.False(await call.ResponseStream.MoveNext());
        Assert.Equal(StatusCode.OK, call.GetStatus().StatusCode);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Duplex_LargeBothWays_BeyondFlowControlWindows(string peer)
    {
        using var channel = peers.Open(peer);
        using var call = channel.Client().Duplex(deadline: Soon);
        var payload = ByteString.CopyFrom(new byte[200_000]);
        var writing = Task.Run(async () =>
        {
            for (var i = 0; i < 40; i++)
            {
                await call.RequestStream.WriteAsync(new Ask { Count = i, Payload = payload });
            }

            await call.RequestStream.CompleteAsync();
        });
        for (var i = 0; i < 40; i++)
        {
            Assert.True(await call.ResponseStream.MoveNext());
            Assert.Equal((i, 200_000), (call.ResponseStream.Current.Count, call.ResponseStream.Current.Payload.Length));
        }

        await writing;
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Theory, MemberData(nameof(All))]
    public async Task Duplex_ServerEndsFirst_StatusArrivesAndWritesFail(string peer)
    {
        using var channel = peers.Open(peer);
        using var call = channel.Client().Duplex(deadline: Soon);

        // The server may be done with the call before the write that told it to has returned.
        if (await Record.ExceptionAsync(() => call.RequestStream.WriteAsync(new Ask { Act = Act.Fail, Code = 5, Text = "gone" })) is { } early)
        {
            Assert.Equal(StatusCode.NotFound, Assert.IsType<RpcException>(early).StatusCode);
        }

        var error = await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext());
        Assert.Equal((StatusCode.NotFound, "gone"), (error.StatusCode, error.Status.Detail));
        error = await Assert.ThrowsAsync<RpcException>(() => call.RequestStream.WriteAsync(new Ask()));
        Assert.Equal(StatusCode.NotFound, error.StatusCode);
    }

    [Theory, MemberData(nameof(All))]
    public async Task Duplex_Cancelled_Cancelled(string peer)
    {
        using var channel = peers.Open(peer);
        using var cancel = new CancellationTokenSource();
        using var call = channel.Client().Duplex(cancellationToken: cancel.Token);
        await call.RequestStream.WriteAsync(new Ask { Text = "first" });
        Assert.True(await call.ResponseStream.MoveNext());
        cancel.Cancel();
        Assert.Equal(StatusCode.Cancelled, (await Assert.ThrowsAsync<RpcException>(() => call.ResponseStream.MoveNext())).StatusCode);
    }

    [Fact]
    public async Task Duplex_WriteAfterComplete_Refused()
    {
        using var channel = peers.Open("ours");
        using var call = channel.Client().Duplex(deadline: Soon);
        await call.RequestStream.CompleteAsync();
        await Assert.ThrowsAsync<InvalidOperationException>(() => call.RequestStream.WriteAsync(new Ask()));
        Assert.False(await call.ResponseStream.MoveNext());
    }

    [Theory, MemberData(nameof(All))]
    public async Task Unary_ManyConcurrent_EachItsOwnAnswer(string peer)
    {
        using var channel = peers.Open(peer);
        var client = channel.Client();
        var calls = Enumerable.Range(0, 500)
            .Select(i => client.UnaryAsync(new Ask { Count = i, Payload = ByteString.CopyFrom(new byte[2000]) }, deadline: Soon).ResponseAsync);
        Assert.Equal(Enumerable.Range(0, 500), (await Task.WhenAll(calls)).Select(answer => answer.Count));
    }

    [Theory]
    [InlineData("ours gzip")]
    [InlineData("python gzip")]
    public async Task Unary_GzipBothWays_ArrivesWhole(string peer)
    {
        using var channel = peers.Open(peer);
        var bytes = new byte[500_000];
        bytes.AsSpan(1000).Fill(7);
        var asGzip = new Metadata { { "grpc-internal-encoding-request", "gzip" } };
        using var call = channel.Client().UnaryAsync(new Ask { Payload = ByteString.CopyFrom(bytes) }, asGzip, Soon);
        var answer = await call;
        Assert.True(bytes.AsSpan().SequenceEqual(answer.Payload.Span));
    }

    [Fact]
    public async Task Unary_NobodyListens_Unavailable()
    {
        using var unused = new Socket(AddressFamily.InterNetwork, SocketType.Stream, ProtocolType.Tcp);
        unused.Bind(new IPEndPoint(IPAddress.Loopback, 0)); // bound, so that nobody else takes it, and not listening
        using var channel = Channels.Open($"http://{unused.LocalEndPoint}");
        var error = await Assert.ThrowsAsync<RpcException>(() => channel.Client().UnaryAsync(new Ask(), deadline: Soon).ResponseAsync);
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
    }

    [Fact]
    public async Task Call_AfterChannelDisposed_Refused()
    {
        var channel = peers.Open("ours");
        var client = channel.Client();
        channel.Dispose();
        await Assert.ThrowsAsync<ObjectDisposedException>(async () => await client.UnaryAsync(new Ask()));
    }
}

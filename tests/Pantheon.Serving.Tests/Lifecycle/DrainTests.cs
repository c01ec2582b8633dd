using System.Buffers.Binary;
using System.Diagnostics;
using System.Net;
using System.Net.Sockets;
using Grpc.Core;
using Pantheon.Contracts.Health.V1;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ServingStatus = Pantheon.Contracts.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pantheon.Serving.Tests.Lifecycle;

/// <summary>SIGTERM, as a container engine sends it.</summary>
public sealed class DrainTests : IDisposable
{
    // Some second of work.
    private const long Rounds = 60_000;

    // What a client opens with (RFC 9113 section 3.4), and empty settings; then a ping.
    private static readonly byte[] ConnectionPreface = [.. "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"u8, 0, 0, 0, 4, 0, 0, 0, 0, 0];
    private static readonly byte[] Ping = [0, 0, 8, 6, 0, 0, 0, 0, 0, 1, 2, 3, 4, 5, 6, 7, 8];

    private readonly TemporaryFolder _repository = new();

    public DrainTests() => ProbeModel.Publish(_repository.Path, ProbeModel.Strict);

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Terminate_DuringTheDrainDelay_IsNotReadyAndStillRanks()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "DrainDelaySeconds=6");
        var client = new ScoringClient(service.Channel);
        using var watch = new HealthClient(service.Channel).Watch(new HealthCheckRequest(), deadline: Soon);
        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(ServingStatus.Serving, watch.ResponseStream.Current.Status);

        service.Terminate();

        Assert.True(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal(ServingStatus.NotServing, watch.ResponseStream.Current.Status);
        Assert.False(await watch.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal((HttpStatusCode.ServiceUnavailable, true), await service.GetAsync("/readyz") is var (status, body) ? (status, body.Contains("going down", StringComparison.Ordinal)) : default);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/livez")).Status);
        // Load balancers have not noticed yet: what they still send is answered, over a new stream as well.
        Assert.Single((await client.RankAsync(ProbeModel.Request(ProbeModel.Strict), deadline: Soon)).Items);
        using var stream = client.RankStream(deadline: Soon);
        await stream.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict) });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.NotNull(stream.ResponseStream.Current.Response);
        stream.Dispose();

        Assert.Equal(0, await service.ExitAsync());
        Assert.Empty(service.Errors);
    }

    [Fact]
    public async Task Terminate_RequestsInFlight_AreAnsweredBeforeTheEnd()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Admission:Concurrency=2");
        var client = new ScoringClient(service.Channel);
        using var unary = client.RankAsync(ProbeModel.Request(ProbeModel.Strict, Rounds), deadline: Soon);
        using var stream = client.RankStream(deadline: Soon);
        await stream.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict, Rounds) });
        await service.RunningAsync(2);

        service.Terminate();

        Assert.Single((await unary).Items);
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.NotNull(stream.ResponseStream.Current.Response);
        var error = await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Equal((StatusCode.Unavailable, "the server is going down: try another one"), (error.StatusCode, error.Status.Detail));
        Assert.Equal(0, await service.ExitAsync());
        Assert.Equal(
            StatusCode.Unavailable,
            (await Assert.ThrowsAsync<RpcException>(async () => await client.RankAsync(ProbeModel.Request(ProbeModel.Strict), deadline: Soon))).StatusCode);
        Assert.Empty(service.Errors);
    }

    [Fact]
    public async Task Terminate_IdleStream_DoesNotHoldTheEndUp()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "ShutdownSeconds=50");
        using var stream = new ScoringClient(service.Channel).RankStream(deadline: Soon);
        await stream.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict) });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var start = Stopwatch.GetTimestamp();

        service.Terminate();

        Assert.Equal(StatusCode.Unavailable, (await Assert.ThrowsAsync<RpcException>(() => stream.ResponseStream.MoveNext(CancellationToken.None))).StatusCode);
        Assert.Equal(0, await service.ExitAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40), "it waited for the stream");
    }

    // The bug: a stream whose next request was always there already never looked at the shutdown.
    [Fact]
    public async Task Terminate_StreamThatNeverPauses_TakesNoMoreAndAnswersWhatItTook()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "ShutdownSeconds=50");
        using var stream = new ScoringClient(service.Channel).RankStream(deadline: Soon);
        var request = new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict) };
        var writing = Task.Run(async () =>
        {
            while (true)
            {
                await stream.RequestStream.WriteAsync(request);
            }
        });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var start = Stopwatch.GetTimestamp();

        service.Terminate();

        var error = await Assert.ThrowsAsync<RpcException>(async () =>
        {
            while (await stream.ResponseStream.MoveNext(CancellationToken.None))
            {
                Assert.NotNull(stream.ResponseStream.Current.Response);
            }
        });
        Assert.Equal(StatusCode.Unavailable, error.StatusCode);
        await Assert.ThrowsAnyAsync<Exception>(() => writing);
        Assert.Equal(0, await service.ExitAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40), "it went on reading");
        Assert.Empty(service.Errors);
    }

    // The bug: a request sent while the GOAWAY was on its way met a closed socket, and the client saw "Broken pipe".
    [Fact]
    public async Task Terminate_ClientStillSendsAfterTheLastGoAway_SocketStaysOpenUntilItCloses()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path);
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(service.Target));
        await socket.SendAsync(ConnectionPreface);

        service.Terminate();

        await using var frames = new NetworkStream(socket);
        // Of an idle connection, the last GOAWAY names the last stream that was looked at: none.
        Assert.Equal(0, await ReadGoAwayAsync(frames));
        var end = frames.ReadAsync(new byte[1]).AsTask();
        Assert.NotSame(end, await Task.WhenAny(end, Task.Delay(200)));
        await socket.SendAsync(Ping);
        socket.Shutdown(SocketShutdown.Send);
        Assert.Equal(0, await end.WaitAsync(Poll.Limit));
        Assert.Equal(0, await service.ExitAsync());
        Assert.Empty(service.Errors);
    }

    [Fact]
    public async Task Terminate_ClientNeverCloses_DoesNotHoldTheEndUp()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "ShutdownSeconds=50");
        using var socket = new Socket(SocketType.Stream, ProtocolType.Tcp);
        await socket.ConnectAsync(IPEndPoint.Parse(service.Target));
        await socket.SendAsync(ConnectionPreface);
        var start = Stopwatch.GetTimestamp();

        service.Terminate();

        Assert.Equal(0, await service.ExitAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(40), "it waited for the client");
    }

    // RFC 9113 section 4.1: length (3), type (1), flags (1), stream (4), payload. Type 7 is GOAWAY; its payload begins with a stream.
    private static async Task<int> ReadGoAwayAsync(Stream frames)
    {
        var header = new byte[9];
        while (true)
        {
            await frames.ReadExactlyAsync(header).AsTask().WaitAsync(Poll.Limit);
            var payload = new byte[(header[0] << 16) | (header[1] << 8) | header[2]];
            await frames.ReadExactlyAsync(payload).AsTask().WaitAsync(Poll.Limit);
            if (header[3] == 7)
            {
                return BinaryPrimitives.ReadInt32BigEndian(payload);
            }
        }
    }

    [Fact]
    public async Task Terminate_RunThatDoesNotEnd_IsEndedAfterShutdownSeconds()
    {
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "ShutdownSeconds=1");
        using var call = new ScoringClient(service.Channel).RankAsync(ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), deadline: Soon);
        await service.RunningAsync(1);
        var start = Stopwatch.GetTimestamp();

        service.Terminate();

        Assert.Equal(0, await service.ExitAsync());
        Assert.True(Stopwatch.GetElapsedTime(start) < TimeSpan.FromSeconds(30), "it waited for the run");
        Assert.NotEqual(StatusCode.OK, (await Assert.ThrowsAsync<RpcException>(async () => await call)).StatusCode);
    }
}

using System.Globalization;
using Grpc.Core;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>A service with one slot and one place in its queue.</summary>
public sealed class OverloadTests : IAsyncLifetime
{
    private readonly TemporaryFolder _repository = new();
    private ServiceProcess _service = null!;

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    private ScoringClient Client => new(_service.Channel);

    public async Task InitializeAsync()
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Strict);
        _service = await ServiceProcess.StartReadyAsync(_repository.Path, "Admission:Concurrency=1", "Admission:QueueLimit=1");
    }

    public async Task DisposeAsync()
    {
        await _service.DisposeAsync();
        _repository.Dispose();
    }

    [Fact]
    public async Task Rank_QueueFull_IsResourceExhaustedWithARetryHintAndTheOthersGoOn()
    {
        using var cancellation = new CancellationTokenSource();
        using var running = Client.RankAsync(ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), deadline: Soon, cancellationToken: cancellation.Token);
        await _service.RunningAsync(1);
        using var waiting = Client.RankAsync(ProbeModel.Request(ProbeModel.Strict), deadline: Soon);
        await Poll.UntilAsync(async () => await _service.MetricAsync("pantheon_queue_length") == 1, "one waits");

        var error = await Assert.ThrowsAsync<RpcException>(async () => await Client.RankAsync(ProbeModel.Request(ProbeModel.Strict)));
        using var stream = Client.RankStream(deadline: Soon);
        await stream.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict) });
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        var inStream = stream.ResponseStream.Current.Error;
        await cancellation.CancelAsync();

        Assert.Equal(StatusCode.ResourceExhausted, error.StatusCode);
        Assert.StartsWith("overloaded: the queue is full; try again in ", error.Status.Detail, StringComparison.Ordinal);
        Assert.True(int.Parse(error.Trailers.GetValue("grpc-retry-pushback-ms")!, CultureInfo.InvariantCulture) > 0);
        Assert.Equal((int)StatusCode.ResourceExhausted, inStream.Code);
        Assert.True(inStream.RetryAfterMs > 0);
        // Who waited is served when the one before has left.
        Assert.Single((await waiting).Items);
        await stream.RequestStream.CompleteAsync();
        Assert.False(await stream.ResponseStream.MoveNext(CancellationToken.None));
        await _service.IdleAsync();
    }

    [Fact]
    public async Task Rank_DeadlinePassesInTheQueue_IsLateAndLeavesTheQueue()
    {
        using var cancellation = new CancellationTokenSource();
        using var running = Client.RankAsync(ProbeModel.Request(ProbeModel.Strict, ProbeModel.Endless), deadline: Soon, cancellationToken: cancellation.Token);
        await _service.RunningAsync(1);
        using var stream = Client.RankStream(deadline: Soon);

        await stream.RequestStream.WriteAsync(new RankStreamRequest { Request = ProbeModel.Request(ProbeModel.Strict), TimeoutMs = 300 });

        // The stream's own answer, not a client's stopwatch: DEADLINE_EXCEEDED, or at once RESOURCE_EXHAUSTED where the gate foresaw it.
        Assert.True(await stream.ResponseStream.MoveNext(CancellationToken.None));
        Assert.Contains((StatusCode)stream.ResponseStream.Current.Error.Code, (StatusCode[])[StatusCode.DeadlineExceeded, StatusCode.ResourceExhausted]);
        Assert.Equal(0, await _service.MetricAsync("pantheon_queue_length"));
        Assert.Equal(1, await _service.MetricAsync("pantheon_requests_running"));
        await cancellation.CancelAsync();
        await Assert.ThrowsAsync<RpcException>(async () => await running);
        await _service.IdleAsync();
    }
}

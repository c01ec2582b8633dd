using Grpc.Core;
using Pantheon.Contracts.Health.V1;
using ServingStatus = Pantheon.Contracts.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pantheon.Serving.Tests.Health;

/// <summary>grpc.health.v1 through a real server and client.</summary>
public sealed class HealthServiceTests : IAsyncLifetime
{
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(20);

    private HealthHost _host = null!;

    public async Task InitializeAsync() => _host = await HealthHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Theory]
    [InlineData("")]
    [InlineData("pantheon.serving.v1.Scoring")]
    public async Task Check_FromStartToShutdown_FollowsTheState(string service)
    {
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(service));

        _host.State.SetReady();
        Assert.Equal(ServingStatus.Serving, await CheckAsync(service));

        _host.State.Shutdown();
        Assert.Equal(ServingStatus.NotServing, await CheckAsync(service));
    }

    [Fact]
    public async Task Check_Model_IsAnsweredByItsName()
    {
        _host.State.SetModel("ranker", serving: true, null);
        _host.State.SetModel("broken", serving: false, "sha256 differs");

        Assert.Equal(ServingStatus.Serving, await CheckAsync("model/ranker"));
        Assert.Equal(ServingStatus.NotServing, await CheckAsync("model/broken"));
    }

    [Fact]
    public async Task Check_UnknownService_IsNotFound()
    {
        RpcException exception = await Assert.ThrowsAsync<RpcException>(() => CheckAsync("model/none"));

        Assert.Equal(StatusCode.NotFound, exception.StatusCode);
        Assert.Contains("'model/none'", exception.Status.Detail, StringComparison.Ordinal);
    }

    [Fact]
    public async Task List_Always_NamesEveryService()
    {
        _host.State.SetModel("ranker", serving: true, null);

        HealthListResponse response = await _host.Grpc.ListAsync(new HealthListRequest());

        Assert.Equal(
            [("", ServingStatus.NotServing), ("model/ranker", ServingStatus.Serving), ("pantheon.serving.v1.Scoring", ServingStatus.NotServing)],
            response.Statuses.OrderBy(entry => entry.Key, StringComparer.Ordinal).Select(entry => (entry.Key, entry.Value.Status)));
    }

    [Fact]
    public async Task Watch_UnknownService_IsToldOnceItIsKnown()
    {
        using CancellationTokenSource patience = new(s_patience);
        using AsyncServerStreamingCall<HealthCheckResponse> watch = Watch("model/ranker", patience.Token);

        Assert.Equal(ServingStatus.ServiceUnknown, await NextAsync(watch, patience.Token));
        _host.State.SetModel("ranker", serving: false, "loading");
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch, patience.Token));
        _host.State.SetModel("ranker", serving: true, null);
        Assert.Equal(ServingStatus.Serving, await NextAsync(watch, patience.Token));
    }

    [Fact]
    public async Task Watch_ChangesOfOtherServices_AreNotSent()
    {
        using CancellationTokenSource patience = new(s_patience);
        using AsyncServerStreamingCall<HealthCheckResponse> watch = Watch("", patience.Token);
        Assert.Equal(ServingStatus.NotServing, await NextAsync(watch, patience.Token));

        _host.State.SetModel("a", serving: true, null);
        _host.State.SetModel("b", serving: true, null);
        _host.State.SetReady();

        Assert.Equal(ServingStatus.Serving, await NextAsync(watch, patience.Token));
    }

    [Fact]
    public async Task Watch_AtShutdown_IsToldAndEndsWithOk()
    {
        using CancellationTokenSource patience = new(s_patience);
        _host.State.SetReady();
        AsyncServerStreamingCall<HealthCheckResponse>[] watches = [.. Enumerable.Range(0, 20).Select(_ => Watch("", patience.Token))];
        foreach (AsyncServerStreamingCall<HealthCheckResponse> watch in watches)
        {
            Assert.Equal(ServingStatus.Serving, await NextAsync(watch, patience.Token));
        }

        _host.State.Shutdown();

        foreach (AsyncServerStreamingCall<HealthCheckResponse> watch in watches)
        {
            Assert.Equal(ServingStatus.NotServing, await NextAsync(watch, patience.Token));
            Assert.False(await watch.ResponseStream.MoveNext(patience.Token));
            Assert.Equal(StatusCode.OK, watch.GetStatus().StatusCode);
            watch.Dispose();
        }

        await _host.StopAsync().WaitAsync(s_patience);
    }

    [Fact]
    public async Task Watch_WatcherLeaves_ServerGoesOnAndStopsAtOnce()
    {
        using CancellationTokenSource leaving = new();
        using (AsyncServerStreamingCall<HealthCheckResponse> watch = Watch("", leaving.Token))
        {
            Assert.Equal(ServingStatus.NotServing, await NextAsync(watch, CancellationToken.None));
            await leaving.CancelAsync();
            RpcException exception = await Assert.ThrowsAsync<RpcException>(() => watch.ResponseStream.MoveNext(CancellationToken.None));
            Assert.Equal(StatusCode.Cancelled, exception.StatusCode);
        }

        _host.State.SetReady();
        Assert.Equal(ServingStatus.Serving, await CheckAsync(""));
        await _host.StopAsync().WaitAsync(s_patience);
    }

    private AsyncServerStreamingCall<HealthCheckResponse> Watch(string service, CancellationToken cancellation) =>
        _host.Grpc.Watch(new HealthCheckRequest { Service = service }, cancellationToken: cancellation);

    private static async Task<ServingStatus> NextAsync(AsyncServerStreamingCall<HealthCheckResponse> watch, CancellationToken cancellation)
    {
        Assert.True(await watch.ResponseStream.MoveNext(cancellation));
        return watch.ResponseStream.Current.Status;
    }

    private async Task<ServingStatus> CheckAsync(string service) =>
        (await _host.Grpc.CheckAsync(new HealthCheckRequest { Service = service }, deadline: DateTime.UtcNow + s_patience)).Status;
}

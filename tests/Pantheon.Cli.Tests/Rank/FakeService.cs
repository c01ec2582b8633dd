using Grpc.Core;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Hosting.Server;
using Microsoft.AspNetCore.Hosting.Server.Features;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pantheon.Contracts.Health.V1;
using Pantheon.Contracts.V1;

namespace Pantheon.Cli.Tests.Rank;

/// <summary>A service that answers each request as a test says.</summary>
internal sealed class FakeService : IAsyncDisposable
{
    private readonly WebApplication _host;

    private FakeService(WebApplication host) => _host = host;

    /// <summary>host:port.</summary>
    public string Target => new Uri(_host.Services.GetRequiredService<IServer>().Features.Get<IServerAddressesFeature>()!.Addresses.First()).Authority;

    /// <param name="answer">Answers rankings.</param>
    /// <param name="port">Where; 0 for any free port.</param>
    /// <param name="isReady">Answers health checks; always ready if null.</param>
    public static async Task<FakeService> StartAsync(
        Func<RankRequest, ServerCallContext, RankResponse> answer, int port = 0, Func<bool>? isReady = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel => kestrel.Listen(
            System.Net.IPAddress.Loopback, port, listen => listen.Protocols = HttpProtocols.Http2));
        builder.Services.AddGrpc();
        builder.Services.AddSingleton(answer);
        builder.Services.AddSingleton(isReady ?? (static () => true));
        var host = builder.Build();
        host.MapGrpcService<Service>();
        host.MapGrpcService<HealthService>();
        await host.StartAsync();
        return new FakeService(host);
    }

    public ValueTask DisposeAsync() => _host.DisposeAsync();

    private sealed class Service(Func<RankRequest, ServerCallContext, RankResponse> answer) : Contracts.V1.Scoring.ScoringBase
    {
        public override Task<RankResponse> Rank(RankRequest request, ServerCallContext context) => Task.FromResult(answer(request, context));
    }

    private sealed class HealthService(Func<bool> isReady) : Health.HealthBase
    {
        public override Task<HealthCheckResponse> Check(HealthCheckRequest request, ServerCallContext context) => Task.FromResult(new HealthCheckResponse
        {
            Status = isReady() ? HealthCheckResponse.Types.ServingStatus.Serving : HealthCheckResponse.Types.ServingStatus.NotServing,
        });
    }
}

using System.Net;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pantheon.Serving.Health;

namespace Pantheon.Serving.Tests.Health;

/// <summary>A server with nothing but health, on Kestrel and two free ports.</summary>
internal sealed class HealthHost : IAsyncDisposable
{
    private readonly WebApplication _app;
    private readonly GrpcChannel _channel;

    private HealthHost(WebApplication app)
    {
        _app = app;
        string[] urls = [.. app.Urls];
        _channel = GrpcChannel.ForAddress(urls[0]);
        Grpc = new(_channel);
        Http = new HttpClient { BaseAddress = new Uri(urls[1]) };
    }

    public HealthState State => _app.Services.GetRequiredService<HealthState>();

    public Contracts.Health.V1.Health.HealthClient Grpc { get; }

    public HttpClient Http { get; }

    public static async Task<HealthHost> StartAsync()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc();
        builder.Services.AddSingleton<HealthState>();
        WebApplication app = builder.Build();
        app.MapGrpcService<HealthService>();
        app.MapHealth();
        await app.StartAsync();
        return new HealthHost(app);
    }

    public Task StopAsync() => _app.StopAsync();

    public async ValueTask DisposeAsync()
    {
        Http.Dispose();
        _channel.Dispose();
        await _app.DisposeAsync();
    }
}

using Grpc.AspNetCore.Server;
using Grpc.Net.Client;
using Microsoft.AspNetCore.Server.Kestrel.Core;
using Pantheon.Grpc.Tests.Protos;

namespace Pantheon.Grpc.Tests;

/// <summary>A server of the stack under test, on a port of its own: HTTP/2 on <see cref="Address"/>, HTTP/1.1 on <see cref="Http1Address"/>.</summary>
public sealed class ProbeServer : IAsyncDisposable
{
    private readonly WebApplication _app;

    private ProbeServer(WebApplication app)
    {
        _app = app;
        var addresses = app.Urls.ToArray();
        Address = addresses[0];
        Http1Address = addresses[1];
    }

    public string Address { get; }

    public string Http1Address { get; }

    public int Port => new Uri(Address).Port;

    public IServiceProvider Services => _app.Services;

    public static async Task<ProbeServer> StartAsync(
        Action<GrpcServiceOptions>? options = null,
        Action<WebApplication>? map = null,
        Action<IServiceCollection>? services = null)
    {
        var builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.ConfigureKestrel(kestrel =>
        {
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http2);
            kestrel.Listen(System.Net.IPAddress.Loopback, 0, listen => listen.Protocols = HttpProtocols.Http1);
        });
        builder.Services.AddGrpc(options ?? (_ => { }));
        builder.Services.AddSingleton<Journal>();
        services?.Invoke(builder.Services);
        var app = builder.Build();
        (map ?? (a => a.MapGrpcService<ProbeService>()))(app);
        await app.StartAsync();
        return new ProbeServer(app);
    }

    public async ValueTask DisposeAsync()
    {
        await _app.StopAsync();
        await _app.DisposeAsync();
    }
}

/// <summary>Channels that go straight to the loopback, whatever proxies the environment names.</summary>
internal static class Channels
{
    public static GrpcChannel Open(string address, Action<GrpcChannelOptions>? configure = null)
    {
        var options = new GrpcChannelOptions
        {
            HttpHandler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true },
            DisposeHttpClient = true,
        };
        configure?.Invoke(options);
        return GrpcChannel.ForAddress(address, options);
    }

    public static Probe.ProbeClient Client(this GrpcChannel channel) => new(channel);
}

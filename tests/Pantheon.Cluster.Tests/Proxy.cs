using System.Diagnostics;
using System.Globalization;
using System.Net.Sockets;
using Grpc.Net.Client;
using Pantheon.Rig;

namespace Pantheon.Cluster.Tests;

/// <summary>Debian's haproxy with the configuration that deploy/ recommends.</summary>
internal sealed class Proxy : IAsyncDisposable
{
    private readonly Process _process;
    private readonly Uri _address;

    private Proxy(Process process, Uri address) => (_process, _address) = (process, address);

    /// <summary>Starts it in front of replicas.</summary>
    /// <param name="port">Where it listens.</param>
    /// <param name="replicas">Three: the ports of gRPC and of health.</param>
    public static async Task<Proxy> StartAsync(int port, IReadOnlyList<(int Grpc, int Http)> replicas)
    {
        var listen = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{port}");
        var start = new ProcessStartInfo(ForeignTools.Find(Tool.Haproxy)!, ["-db", "-f", Path.Combine(SourceTree.Root, "deploy", "haproxy.cfg")])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        start.Environment["PANTHEON_LISTEN"] = listen;
        for (var replica = 0; replica < replicas.Count; replica++)
        {
            var name = string.Create(CultureInfo.InvariantCulture, $"PANTHEON_{replica + 1}");
            start.Environment[name] = string.Create(CultureInfo.InvariantCulture, $"127.0.0.1:{replicas[replica].Grpc}");
            start.Environment[$"{name}_HTTP"] = replicas[replica].Http.ToString(CultureInfo.InvariantCulture);
        }

        var process = Process.Start(start)!;
        process.BeginOutputReadLine();
        process.BeginErrorReadLine();
        await Poll.UntilAsync(
            async () =>
            {
                Assert.False(process.HasExited, "haproxy has ended");
                using var socket = new TcpClient();
                try
                {
                    await socket.ConnectAsync("127.0.0.1", port);
                    return true;
                }
                catch (SocketException)
                {
                    return false;
                }
            },
            "haproxy");
        return new Proxy(process, new Uri($"http://{listen}"));
    }

    /// <summary>Where it listens.</summary>
    public string Address => _address.Authority;

    /// <summary>A connection of a caller.</summary>
    public GrpcChannel NewChannel() => GrpcChannel.ForAddress(
        _address, new GrpcChannelOptions { HttpHandler = new SocketsHttpHandler { UseProxy = false, EnableMultipleHttp2Connections = true }, DisposeHttpClient = true });

    public async ValueTask DisposeAsync()
    {
        _process.Kill();
        await _process.WaitForExitAsync();
        _process.Dispose();
    }
}

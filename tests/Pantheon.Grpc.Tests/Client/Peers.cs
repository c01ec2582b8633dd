using Grpc.Net.Client;
using Pantheon.Grpc.Tests.Foreign;

namespace Pantheon.Grpc.Tests.Client;

/// <summary>The servers that our client is held against: ours, grpcio's and grpc-js's.</summary>
public sealed class Peers : IAsyncLifetime
{
    private readonly Dictionary<string, string> _addresses = [];
    private readonly List<IAsyncDisposable> _servers = [];

    public static TheoryData<string> All => ["ours", "python", "node"];

    public async Task InitializeAsync()
    {
        var ours = await ProbeServer.StartAsync(options => options.MaxReceiveMessageSize = null);
        var python = await ForeignServer.StartAsync("server.py");
        var node = await ForeignServer.StartAsync("server.mjs");
        var pythonGzip = await ForeignServer.StartAsync("server.py", "gzip");
        var oursGzip = await ProbeServer.StartAsync(options => options.ResponseCompressionAlgorithm = "gzip");
        _servers.AddRange([ours, python, node, pythonGzip, oursGzip]);
        _addresses["ours"] = ours.Address;
        _addresses["python"] = python.Address;
        _addresses["node"] = node.Address;
        _addresses["python gzip"] = pythonGzip.Address;
        _addresses["ours gzip"] = oursGzip.Address;
    }

    public async Task DisposeAsync()
    {
        foreach (var server in _servers)
        {
            await server.DisposeAsync();
        }
    }

    internal GrpcChannel Open(string peer, Action<GrpcChannelOptions>? configure = null) => Channels.Open(_addresses[peer], configure);
}

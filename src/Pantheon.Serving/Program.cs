using System.Net.Sockets;
using Pantheon.Bundles;
using Pantheon.Scoring.Memory;
using Pantheon.Serving;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Health;

if (args is ["--health-check", ..])
{
    return await HealthProbe.RunAsync(args);
}

// A swap leaves memory as it was.
NativeHeap.ReturnLargeBlocks();
try
{
    await using var app = ServingHost.Build(args);
    await app.RunAsync();
    return 0;
}
catch (Exception error) when (error is ConfigurationException or BundleException or IOException or SocketException)
{
    await Console.Error.WriteLineAsync($"pantheon-serving: {error.Message}");
    return 1;
}

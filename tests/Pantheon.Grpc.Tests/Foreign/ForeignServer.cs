using System.Diagnostics;
using System.Globalization;

namespace Pantheon.Grpc.Tests.Foreign;

/// <summary>A probe server that is not ours; it ends when its standard input is closed.</summary>
internal sealed class ForeignServer : IAsyncDisposable
{
    private readonly Process _process;

    private ForeignServer(Process process, int port)
    {
        _process = process;
        Address = string.Create(CultureInfo.InvariantCulture, $"http://127.0.0.1:{port}");
    }

    public string Address { get; }

    public static async Task<ForeignServer> StartAsync(string script, params string[] arguments)
    {
        var process = await ForeignTools.StartAsync(script, arguments);
        var line = await process.StandardOutput.ReadLineAsync().WaitAsync(Time.Limit);
        if (line is null || !line.StartsWith("PORT ", StringComparison.Ordinal))
        {
            throw new InvalidOperationException($"{script} did not start: {line} {await process.StandardError.ReadToEndAsync()}");
        }

        // Both are read on, so that no full pipe stops the server.
        _ = process.StandardOutput.ReadToEndAsync();
        _ = process.StandardError.ReadToEndAsync();
        return new ForeignServer(process, int.Parse(line.AsSpan(5), CultureInfo.InvariantCulture));
    }

    public async ValueTask DisposeAsync()
    {
        _process.StandardInput.Close();
        try
        {
            await _process.WaitForExitAsync().WaitAsync(Time.Limit);
        }
        catch (TimeoutException)
        {
            _process.Kill(entireProcessTree: true);
        }

        _process.Dispose();
    }
}

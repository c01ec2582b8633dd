using System.Diagnostics;
using System.Globalization;
using System.Text.RegularExpressions;

namespace Pantheon.Rig;

/// <summary>npm's s3rver, an S3 server on the wire that is not ours, on a free port of the loopback, with its objects in a folder.</summary>
public sealed partial class S3Server : IAsyncDisposable
{
    /// <summary>Its one bucket.</summary>
    public const string Bucket = "models";

    // The one pair of credentials that it takes.
    private const string Credential = "S3RVER";

    private readonly TemporaryFolder _folder = new();
    private Process? _server;
    private int _port;

    private S3Server()
    {
    }

    /// <summary>Where it is.</summary>
    public string Endpoint => $"http://127.0.0.1:{_port.ToString(CultureInfo.InvariantCulture)}";

    /// <summary>Starts one. Its credentials are put into the environment, where the AWS SDK finds them, of this process and those it starts.</summary>
    public static async Task<S3Server> CreateAsync()
    {
        Environment.SetEnvironmentVariable("AWS_ACCESS_KEY_ID", Credential);
        Environment.SetEnvironmentVariable("AWS_SECRET_ACCESS_KEY", Credential);
        var server = new S3Server();
        await server.StartAsync();
        return server;
    }

    /// <summary>Starts it, again with the objects and the port that it had.</summary>
    public async Task StartAsync()
    {
        _server = Process.Start(new ProcessStartInfo(
            "node",
            [
                // It makes the tokens of its pages by DES.
                "--openssl-legacy-provider",
                ForeignTools.Find(Tool.S3rver)!, "--directory", _folder.Path, "--address", "127.0.0.1", "--port", _port.ToString(CultureInfo.InvariantCulture), "--no-vhost-buckets",
                "--configure-bucket", Bucket,
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        })!;
        _server.BeginErrorReadLine();
        while (await _server.StandardOutput.ReadLineAsync().WaitAsync(Poll.Limit) is { } line)
        {
            if (Listening().Match(line) is { Success: true } match)
            {
                _port = int.Parse(match.Groups[1].Value, CultureInfo.InvariantCulture);
                // What it prints from now on is of no interest, but has to go somewhere.
                _ = _server.StandardOutput.ReadToEndAsync();
                return;
            }
        }

        throw new InvalidOperationException("s3rver ended before it listened");
    }

    /// <summary>kill -9.</summary>
    public void Kill()
    {
        if (_server is { } server)
        {
            server.Kill();
            server.WaitForExit();
            server.Dispose();
            _server = null;
        }
    }

    public ValueTask DisposeAsync()
    {
        Kill();
        _folder.Dispose();
        return ValueTask.CompletedTask;
    }

    [GeneratedRegex(@"listening on .*:(\d+)")]
    private static partial Regex Listening();
}

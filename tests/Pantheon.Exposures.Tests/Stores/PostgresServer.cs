using System.Diagnostics;
using Npgsql;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>Debian's PostgreSQL on a socket in a temporary folder, as an ordinary user; eng/foreign.sh installs it.</summary>
public sealed class PostgresServer : IAsyncLifetime
{
    private static readonly Lazy<string?> Programs = new(FindPrograms);
    private readonly TemporaryFolder _folder = new();
    private Process? _server;
    private int _databases;

    public static bool IsInstalled => Programs.Value is not null;

    public async Task InitializeAsync()
    {
        if (!IsInstalled)
        {
            return;
        }

        Directory.CreateDirectory(_folder["data"]);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", ["-R", "postgres", _folder.Path]);
        }

        Run([Path.Combine(Programs.Value!, "initdb"), "--pgdata", _folder["data"], "--username", "pantheon", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        await StartAsync();
    }

    public Task DisposeAsync()
    {
        if (_server is not null)
        {
            Kill();
        }

        _folder.Dispose();
        return Task.CompletedTask;
    }

    /// <summary>A new database; what connects to it.</summary>
    public async Task<string> CreateDatabaseAsync()
    {
        var name = $"test_{Interlocked.Increment(ref _databases)}";
        await using var source = NpgsqlDataSource.Create(Connect("postgres"));
        await using var command = source.CreateCommand($"CREATE DATABASE {name}");
        await command.ExecuteNonQueryAsync();
        return Connect(name);
    }

    /// <summary>kill -9 of the server and of all its processes at once.</summary>
    public void Kill()
    {
        _server!.Kill(entireProcessTree: true);
        Assert.True(_server.WaitForExit(30_000));
        _server.Dispose();
        _server = null;
    }

    /// <summary>Starts it and waits until it lets somebody in.</summary>
    public async Task StartAsync()
    {
        await Poll.UntilAsync(
            async () =>
            {
                // Straight after a kill it may find a process of the one before still there, and end.
                if (_server is null || _server.HasExited)
                {
                    _server?.Dispose();
                    _server = Process.Start(Command(
                        [Path.Combine(Programs.Value!, "postgres"), "-D", _folder["data"], "-k", _folder.Path, "-c", "listen_addresses=", "-c", "max_connections=200"]))!;
                    _server.BeginErrorReadLine();
                    _server.BeginOutputReadLine();
                }

                try
                {
                    await using var connection = new NpgsqlConnection(Connect("postgres") + ";Pooling=false");
                    await connection.OpenAsync();
                    return true;
                }
                catch (NpgsqlException)
                {
                    return false;
                }
            },
            "PostgreSQL");
    }

    private string Connect(string database) => $"Host={_folder.Path};Username=pantheon;Database={database};Timeout=5";

    private static void Run(IReadOnlyList<string> command) => Run(Command(command));

    private static void Run(string program, IEnumerable<string> arguments) => Run(new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true });

    private static void Run(ProcessStartInfo start)
    {
        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        process.StandardOutput.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{start.FileName}: {errors.Result}");
    }

    // PostgreSQL does not run as root.
    private static ProcessStartInfo Command(IReadOnlyList<string> command)
    {
        IEnumerable<string> all = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", .. command] : command;
        return new ProcessStartInfo(all.First(), all.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
    }

    private static string? FindPrograms()
    {
        const string root = "/usr/lib/postgresql";
        string? found = null;
        for (var tries = 0; found is null && tries < 2; tries++)
        {
            if (tries == 1)
            {
                using var install = Process.Start(new ProcessStartInfo("bash", [Path.Combine(SourceTree.Root, "eng", "foreign.sh")]))!;
                install.WaitForExit();
            }

            found = Directory.Exists(root)
                ? Directory.GetDirectories(root).Select(version => Path.Combine(version, "bin")).Where(bin => File.Exists(Path.Combine(bin, "initdb"))).Order().LastOrDefault()
                : null;
        }

        return found;
    }
}

using System.Diagnostics;
using System.Globalization;
using Npgsql;

namespace Pantheon.Rig;

/// <summary>Debian's PostgreSQL on a socket in a temporary folder, as an ordinary user.</summary>
public sealed class PostgresServer : IAsyncDisposable
{
    private readonly TemporaryFolder _folder = new();
    private Process? _server;
    private int _databases;

    /// <summary>Makes one and starts it.</summary>
    public static async Task<PostgresServer> CreateAsync()
    {
        var server = new PostgresServer();
        Directory.CreateDirectory(server._folder["data"]);
        if (Environment.IsPrivilegedProcess)
        {
            Run("chown", ["-R", "postgres", server._folder.Path]);
        }

        Run([Program("initdb"), "--pgdata", server._folder["data"], "--username", "pantheon", "--auth", "trust", "--encoding", "UTF8", "--locale", "C", "--no-sync"]);
        await server.StartAsync();
        return server;
    }

    public ValueTask DisposeAsync()
    {
        if (_server is not null)
        {
            Kill();
        }

        _folder.Dispose();
        return ValueTask.CompletedTask;
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
        _server.WaitForExit();
        _server.Dispose();
        _server = null;
    }

    /// <summary>Stops all its processes where they are: connections stay open and say nothing.</summary>
    public void Pause() => Signal("STOP");

    /// <summary>Lets them go on.</summary>
    public void Resume() => Signal("CONT");

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
                        [Program("postgres"), "-D", _folder["data"], "-k", _folder.Path, "-c", "listen_addresses=", "-c", "max_connections=200"]))!;
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

    // The server makes no new process, and buries none, while its own are looked for: it stops first and goes on last.
    private void Signal(string signal)
    {
        var server = _server!.Id.ToString(CultureInfo.InvariantCulture);
        var isStop = signal == "STOP";
        if (isStop)
        {
            Run("kill", ["-STOP", server]);
        }

        foreach (var backend in File.ReadAllText($"/proc/{server}/task/{server}/children").Split(' ', StringSplitOptions.RemoveEmptyEntries))
        {
            Run("kill", [$"-{signal}", backend]);
        }

        if (!isStop)
        {
            Run("kill", ["-CONT", server]);
        }
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
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"{start.FileName}: {errors.Result}");
        }
    }

    // PostgreSQL does not run as root.
    private static ProcessStartInfo Command(IReadOnlyList<string> command)
    {
        IEnumerable<string> all = Environment.IsPrivilegedProcess ? ["setpriv", "--reuid", "postgres", "--regid", "postgres", "--clear-groups", .. command] : command;
        return new ProcessStartInfo(all.First(), all.Skip(1)) { RedirectStandardOutput = true, RedirectStandardError = true, WorkingDirectory = "/" };
    }

    private static string Program(string name) => Path.Combine(ForeignTools.Find(Tool.Postgres)!, name);
}

using System.Diagnostics;
using System.Text.Json;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>A client in another language: a script of this project, run by Debian's Python or by Node. eng/foreign.sh installs both.</summary>
internal static class ForeignClient
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(3);

    private static readonly Lazy<Task> Installed = new(InstallAsync);

    /// <summary>This project's folder.</summary>
    public static string Folder { get; } = Path.Combine(SourceTree.Root, "tests", "Pantheon.Conformance.Tests");

    /// <summary>Runs python/NAME or node/NAME, told by its ending, to its end.</summary>
    /// <returns>What went wrong by check; null for a check that passed.</returns>
    public static async Task<IReadOnlyDictionary<string, string?>> RunAsync(string script, params string[] arguments)
    {
        using var process = await StartAsync(script, arguments);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        var lines = process.StandardOutput.ReadToEndAsync();
        try
        {
            await process.WaitForExitAsync().WaitAsync(Limit);
        }
        catch (TimeoutException)
        {
            process.Kill(entireProcessTree: true);
            throw new TimeoutException($"{script} did not end within {Limit}: {await lines} {await errors}");
        }

        Assert.True(process.ExitCode == 0, $"{script}: exit code {process.ExitCode}: {await errors}");
        return (await lines).Split('\n', StringSplitOptions.RemoveEmptyEntries).Select(line => JsonDocument.Parse(line).RootElement)
            .ToDictionary(result => result.GetProperty("check").GetString()!, result => result.GetProperty("error").GetString());
    }

    /// <summary>Starts python/NAME or node/NAME.</summary>
    public static async Task<Process> StartAsync(string script, params string[] arguments)
    {
        await Installed.Value;
        return Start(script, arguments);
    }

    private static Process Start(string script, string[] arguments)
    {
        var isPython = script.EndsWith(".py", StringComparison.Ordinal);
        // `command -p` finds Debian's python3, whose packages these are, whatever comes first on PATH.
        var interpreter = isPython ? "$(command -pv python3)" : "$(command -v node)";
        return Bash($"exec \"{interpreter}\" \"$@\"", [Path.Combine(Folder, isPython ? "python" : "node", script), .. arguments]);
    }

    private static async Task InstallAsync()
    {
        using var process = Bash("exec bash \"$@\"", [Path.Combine(SourceTree.Root, "eng", "foreign.sh")]);
        process.StandardInput.Close();
        var output = process.StandardOutput.ReadToEndAsync();
        var errors = await process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        Assert.True(process.ExitCode == 0, $"eng/foreign.sh: {await output}{errors}");
    }

    private static Process Bash(string command, IEnumerable<string> arguments) => Process.Start(new ProcessStartInfo("bash", ["-c", command, "--", .. arguments])
    {
        RedirectStandardInput = true,
        RedirectStandardOutput = true,
        RedirectStandardError = true,
        Environment = { ["PYTHONDONTWRITEBYTECODE"] = "1" },
    })!;
}

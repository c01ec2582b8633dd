using System.Diagnostics;

namespace Pantheon.Grpc.Tests.Foreign;

/// <summary>Programs that are not ours: this project's scripts, run by Debian's Python or by Node. eng/foreign.sh installs them.</summary>
internal static class ForeignTools
{
    private static readonly Lazy<string> Root = new(FindRoot);
    private static readonly Lazy<Task> Installed = new(InstallAsync);

    public static string Folder => Path.Combine(Root.Value, "tests", "Pantheon.Grpc.Tests");

    /// <summary>Starts python/NAME or node/NAME, told by its ending.</summary>
    public static async Task<Process> StartAsync(string script, params string[] arguments)
    {
        await Installed.Value;
        var language = script.EndsWith(".py", StringComparison.Ordinal) ? "python" : "node";
        var interpreter = language == "python" ? "$(command -pv python3)" : "$(command -v node)";
        return Start($"exec \"{interpreter}\" \"$@\"", [Path.Combine(Folder, language, script), .. arguments]);
    }

    private static async Task InstallAsync()
    {
        using var process = Start("exec \"$@\"", [Path.Combine(Root.Value, "eng", "foreign.sh")]);
        process.StandardInput.Close();
        var errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        if (process.ExitCode != 0)
        {
            throw new InvalidOperationException($"eng/foreign.sh failed: {await errors}");
        }
    }

    private static Process Start(string command, IEnumerable<string> arguments)
    {
        var start = new ProcessStartInfo("bash", ["-c", command, "--", .. arguments])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };

        // Peers are on the loopback, whatever proxies the environment names.
        start.Environment["no_proxy"] = start.Environment["NO_PROXY"] = "*";
        return Process.Start(start)!;
    }

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "eng", "foreign.sh")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException("The repository's root was not found above the tests.");
    }
}

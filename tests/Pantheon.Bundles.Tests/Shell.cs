using System.Diagnostics;

namespace Pantheon.Bundles.Tests;

/// <summary>Programs of the system as oracles and as victims.</summary>
internal static class Shell
{
    public static string Run(string program, params string[] arguments)
    {
        using var process = Start(program, arguments);
        var output = process.StandardOutput.ReadToEnd();
        var errors = process.StandardError.ReadToEnd();
        process.WaitForExit();
        Assert.True(process.ExitCode == 0, $"{program} {string.Join(' ', arguments)}: {process.ExitCode} {output}{errors}");
        return output;
    }

    public static Process Start(string program, params string[] arguments) => Process.Start(
        new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true })!;

    /// <summary>Starts the publisher of Pantheon.Bundles.Tests.Publisher.</summary>
    public static Process StartPublisher(string root, string mode) => Start(
        Environment.ProcessPath is { } host && Path.GetFileNameWithoutExtension(host) == "dotnet" ? host : "dotnet",
        Path.Combine(AppContext.BaseDirectory, "Pantheon.Bundles.Tests.Publisher.dll"),
        root,
        mode);
}

using System.Diagnostics;

namespace Pantheon.Serving.Tests.Observability;

/// <summary>Prometheus' own judge of exposition text and of configuration.</summary>
internal static class Promtool
{
    /// <summary>What <c>promtool check metrics</c> objects to; empty if nothing.</summary>
    public static async Task<string> CheckMetricsAsync(string text)
    {
        ProcessStartInfo start = new("promtool", ["check", "metrics"])
        {
            RedirectStandardInput = true,
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using Process process = Process.Start(start) ?? throw new InvalidOperationException("promtool did not start; it comes with the package prometheus.");
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.StandardInput.WriteAsync(text);
        process.StandardInput.Close();
        await process.WaitForExitAsync();
        string said = await output + await errors;
        return process.ExitCode == 0 ? said : $"exit code {process.ExitCode}: {said}";
    }
}

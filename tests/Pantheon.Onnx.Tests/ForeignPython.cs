using System.Diagnostics;

namespace Pantheon.Onnx.Tests;

/// <summary>
/// Runs the scripts of python/ by the system's Python, whose onnx package is not ours. Where it is missing the tests fail: a check that
/// did not happen must be seen.
/// </summary>
internal static class ForeignPython
{
    private static readonly TimeSpan Limit = TimeSpan.FromMinutes(2);

    public static void CheckModels(string mode, params string[] paths)
    {
        var (exit, output) = Run(["-c", "import onnx"]);
        Assert.True(exit == 0, $"the system's python3 has no onnx package; install python3-onnx (eng/foreign.sh does)\n{output}");
        (exit, output) = Run([Path.Combine(AppContext.BaseDirectory, "python", "check_models.py"), mode, .. paths]);
        Assert.True(exit == 0, output);
    }

    private static (int Exit, string Output) Run(string[] arguments)
    {
        // The system's own, whatever is first on PATH.
        var start = new ProcessStartInfo("/bin/sh") { RedirectStandardOutput = true, RedirectStandardError = true };
        start.ArgumentList.Add("-c");
        start.ArgumentList.Add("exec \"$(command -pv python3)\" \"$@\"");
        start.ArgumentList.Add("python");
        foreach (string argument in arguments)
        {
            start.ArgumentList.Add(argument);
        }

        using var process = Process.Start(start)!;
        var errors = process.StandardError.ReadToEndAsync();
        var output = process.StandardOutput.ReadToEndAsync();
        if (!process.WaitForExit(Limit))
        {
            process.Kill(entireProcessTree: true);
            Assert.Fail($"python did not end within {Limit}");
        }

        process.WaitForExit();
        return (process.ExitCode, output.Result + errors.Result);
    }
}

using System.Diagnostics;

namespace Pantheon.Cli.Tests;

/// <summary>The command as a process: exit codes and streams are what a script sees.</summary>
public sealed class ProcessTests
{
    [Fact]
    public async Task Process_VerifyTheDemo_ExitsWith0AndPlainText()
    {
        var run = await RunAsync("bundle", "verify", Workplace.Shipped("kuairand", "1"));

        run.Succeeded();
        Assert.Contains(" verified\n", run.Output, StringComparison.Ordinal);
        Assert.DoesNotContain('\u001b', run.Output);
    }

    [Fact]
    public async Task Process_Failure_ExitsWith1AndOneLine() =>
        (await RunAsync("bundle", "verify", "/nowhere")).FailedWith(1, "bundle verify: /nowhere is no directory, expected a version's or a model's");

    [Fact]
    public async Task Process_Usage_ExitsWith2() =>
        (await RunAsync("bundle", "crate")).FailedWith(2, "pantheon bundle: 'crate' is no command or option of it (see `pantheon bundle --help`)");

    [Fact]
    public async Task Process_GraphThatFails_LeavesTheFailureToUs()
    {
        using var place = new Workplace();
        var run = await RunAsync(
            "bundle", "create", "--onnx", Workplace.Fixture("tiled.onnx"), "--model", "toy", "--repository", place.Models,
            "--user", "user_id,user_dense", "--candidates", "item_id,item_dense");

        // ONNX Runtime failed on one row in between, and did not say so on its own.
        run.Succeeded();
        Assert.DoesNotContain("onnxruntime", run.Error, StringComparison.OrdinalIgnoreCase);
    }

    [Theory]
    [InlineData("--help")]
    [InlineData("bundle", "create", "--help")]
    [InlineData("rank", "--help")]
    public async Task Process_Help_ExitsWith0(params string[] arguments) =>
        Assert.Contains("Usage:", (await RunAsync(arguments)).Succeeded().Output, StringComparison.Ordinal);

    private static async Task<CliRun> RunAsync(params string[] arguments)
    {
        var start = new ProcessStartInfo("dotnet", [Path.Combine(AppContext.BaseDirectory, "pantheon.dll"), .. arguments])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var process = Process.Start(start)!;
        var output = process.StandardOutput.ReadToEndAsync();
        var error = process.StandardError.ReadToEndAsync();
        using var limit = new CancellationTokenSource(TimeSpan.FromMinutes(2));
        try
        {
            await process.WaitForExitAsync(limit.Token);
        }
        catch (OperationCanceledException)
        {
            process.Kill();
            throw;
        }

        return new CliRun(process.ExitCode, await output, await error);
    }
}

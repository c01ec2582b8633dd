using System.Diagnostics;
using System.Globalization;
using Pantheon.Rig;
using Xunit.Abstractions;

namespace Pantheon.Soak.Tests;

/// <summary>A minute at half of capacity; a quarter of an hour, by the same client, is <c>./measure.sh soak</c>.</summary>
public sealed class SoakTests(ITestOutputHelper output)
{
    private const int Attempts = 4;

    // The client's exit codes, as its SoakResult has them.
    private const int Passed = 0;
    private const int Overloaded = 2;

    [Fact]
    public async Task Rank_AMinuteAtHalfOfCapacity_NoFailureAndMemoryStays()
    {
        await using var service = await ServiceProcess.StartReadyAsync(Path.Combine(SourceTree.Root, "models"), $"DefaultModel={DemoModel.Name}");

        // A shared machine may lose half of its speed right after it was measured. Then it was no soak at half of capacity, and
        // another one is made; a failure of any other kind is a failure at once.
        var (code, report) = (Overloaded, "");
        for (var attempt = 0; attempt < Attempts && code == Overloaded; attempt++)
        {
            (code, report) = await LoadAsync(service);
            output.WriteLine(report);
        }

        Assert.True(code == Passed, report);
        await service.IdleAsync();
        Assert.Empty(service.Errors);
    }

    // A process of its own: inside the test framework's, which shares its thread pool, the client was seen to stand still for a
    // second, and what it then sent at once was no even load.
    private static async Task<(int Code, string Report)> LoadAsync(ServiceProcess service)
    {
        var start = new ProcessStartInfo(
            SourceTree.Program("Pantheon.Load"),
            [
                "--target", service.Target, "--request", Path.Combine(SourceTree.Root, "models", DemoModel.Name, "request.json"),
                "--pid", service.Id.ToString(CultureInfo.InvariantCulture), "--warm-up", "15", "--seconds", "60", "--timeout-ms", "2000",
            ])
        {
            RedirectStandardOutput = true,
            RedirectStandardError = true,
        };
        using var load = Process.Start(start)!;
        var (said, complained) = (load.StandardOutput.ReadToEndAsync(), load.StandardError.ReadToEndAsync());
        await load.WaitForExitAsync();
        return (load.ExitCode, await said + await complained);
    }
}

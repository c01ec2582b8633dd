using System.Text.Json;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Simulate;

/// <summary>`pantheon simulate`: a few small days. That the loop closes is measured (docs/measurements/loop.md); here it runs from end to end.</summary>
public sealed class SimulateTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Run_SmallDays_RefreshesTheBaseComparesAndReports()
    {
        var to = _folder["run"];

        var run = (await CliRun.OfAsync("simulate", "--start", "promoted", "--days", "6", "--visits", "600", "--explore", "0.3", "--out", to)).Succeeded();

        using var result = JsonDocument.Parse(await File.ReadAllTextAsync(Path.Combine(to, "result.json")));
        Assert.Equal((3600, 0), (result.RootElement.GetProperty("Requests").GetInt32(), result.RootElement.GetProperty("Failures").GetInt32()));
        Assert.True(result.RootElement.GetProperty("LastVersion").GetInt64() > result.RootElement.GetProperty("FirstVersion").GetInt64());
        Assert.Equal(7, result.RootElement.GetProperty("ChangeAlone").GetArrayLength());
        var report = await File.ReadAllTextAsync(Path.Combine(to, "report.md"));
        foreach (var part in (string[])["## Days", "## Against the incumbent", "in a feed of rooms alone", "Pantheon's Table 4", "Pantheon's Table 5"])
        {
            Assert.Contains(part, report, StringComparison.Ordinal);
        }

        Assert.Contains("3600 requests, 0 failed; 0 promoted, 0 lost on trial", run.Output, StringComparison.Ordinal);
        Assert.Contains("<svg", await File.ReadAllTextAsync(Path.Combine(to, "report.html")), StringComparison.Ordinal);

        // Another run's models and journal are not gone on with.
        var again = await CliRun.OfAsync("simulate", "--out", to);
        Assert.Equal(1, again.ExitCode);
        Assert.Contains("expected another --out", again.Error, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("--visits", "20", "--visits: got 20, expected 100 or more")]
    [InlineData("--days", "0", "--days: got 0, expected 1 or more")]
    [InlineData("--explore", "1.5", "--explore: got 1.5, expected 0 to 1")]
    public void Run_OptionsThatCannotBe_SayWhy(string option, string value, string message) =>
        Assert.Contains(message, CliRun.Of("simulate", option, value, "--out", _folder["none"]).Error, StringComparison.Ordinal);
}

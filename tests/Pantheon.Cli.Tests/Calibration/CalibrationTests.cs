using Grpc.Net.Client;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Cli.Tests.Calibration;

/// <summary>`pantheon calibration` against a real service.</summary>
public sealed class CalibrationTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();

    public CalibrationTests() => ProbeModel.Publish(Repository, "probe");

    private string Repository => Path.Combine(_folder.Path, "models");

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Calibration_FromExportToFreeze_SaysWhatItDid()
    {
        var export = Path.Combine(_folder.Path, "moments.json");
        await using (var elsewhere = await StartAsync())
        {
            using var channel = GrpcChannel.ForAddress($"http://{elsewhere.Target}");
            for (var request = 0; request < 10; request++)
            {
                await new Contracts.V1.Scoring.ScoringClient(channel).RankAsync(ProbeModel.Request("probe", 0, 0.2f, 0.4f), deadline: DateTime.UtcNow + Poll.Limit);
            }

            Assert.Equal("", await RunAsync(elsewhere, "export", "probe", "--out", export));
            Assert.Contains("\"scores\": 1", await RunAsync(elsewhere, "export", "probe"), StringComparison.Ordinal);
        }

        await using var service = await StartAsync();
        Assert.Contains("probe: no frozen baseline: each version has its bundle's", await RunAsync(service, "show", "probe"), StringComparison.Ordinal);
        Assert.Contains("1 (default) 10 20 0.3000 ± 0.1000 yes none: raw 0.3000 ± 0.1000", await RunAsync(service, "import", export), StringComparison.Ordinal);

        var frozen = await RunAsync(service, "freeze", "probe", "--by", "ada", "--reason", "a test");

        Assert.Contains("probe: baseline 1, version 1 as answered from ", frozen, StringComparison.Ordinal);
        Assert.Contains("frozen by ada (a test)", frozen, StringComparison.Ordinal);
        Assert.Contains("baseline (default) 10 20 0.3000 ± 0.1000", frozen, StringComparison.Ordinal);
        Assert.Contains("1 (default) 10 20 0.3000 ± 0.1000 yes its own 0.3000 ± 0.1000", frozen, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Calibration_Refused_IsOneLine()
    {
        var file = Path.Combine(_folder.Path, "moments.json");
        await using var service = await StartAsync();
        async Task<CliRun> TryAsync(params string[] arguments) => await CliRun.OfAsync(["calibration", .. arguments, "--target", service.Target]);

        (await TryAsync("freeze", "probe")).FailedWith(
            1, "calibration freeze: FAILED_PRECONDITION: version 1: got scores that weigh 0 in requests that weigh 0, with a standard deviation of 0; expected at least 4 in 2, and not all alike");
        (await TryAsync("show", "other")).FailedWith(1, "calibration show: NOT_FOUND: model: got 'other', expected one of probe");
        await File.WriteAllTextAsync(file, "{");
        Assert.StartsWith($"calibration import: {file}: line 1, column 2: not JSON: ", (await TryAsync("import", file)).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, """{"model":"probe","versions":[{"version":"1","bundle_digest":"sha256:0"}]}""");
        Assert.StartsWith("calibration import: FAILED_PRECONDITION: moments.versions[0].bundle_digest: got 'sha256:0', expected that of version 1", (await TryAsync("import", file)).Error, StringComparison.Ordinal);
        await File.WriteAllTextAsync(file, """{"modle":"probe"}""");
        Assert.Contains("modle (expected pantheon.serving.v1.ModelMoments in the JSON form of proto3)", (await TryAsync("import", file)).Error, StringComparison.Ordinal);
    }

    private static async Task<string> RunAsync(ServiceProcess service, params string[] arguments) => string.Join(
        ' ', (await CliRun.OfAsync(["calibration", .. arguments, "--target", service.Target])).Succeeded().Output.Split((char[])[' ', '\n'], StringSplitOptions.RemoveEmptyEntries));

    private Task<ServiceProcess> StartAsync() => ServiceProcess.StartReadyAsync(Repository, "Calibration:MinRequests=2", "Calibration:MinScores=4");
}

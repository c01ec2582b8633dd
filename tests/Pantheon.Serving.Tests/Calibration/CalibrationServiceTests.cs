using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using CalibrationsClient = Pantheon.Contracts.V1.Calibrations.CalibrationsClient;

namespace Pantheon.Serving.Tests.Calibration;

/// <summary>Calibration asked for and changed, in a real service by real calls.</summary>
public sealed class CalibrationServiceTests : IDisposable
{
    private static readonly string[] s_settings = ["Calibration:MinRequests=20", "Calibration:MinScores=40", "Calibration:UpdateSeconds=0.1"];

    private static readonly CalibrationSpec s_bundle = new()
    {
        Own = new Moments(0, 1),
        Baseline = new Moments(1, 2),
        Scenarios = new Dictionary<string, ScenarioCalibration> { ["home"] = new(new Moments(0, 1), new Moments(3, 2)) },
    };

    private readonly TemporaryFolder _folder = new();

    public CalibrationServiceTests() => ScaledModel.Publish(Models, 1, weight: 1, slope: 1, shift: 0, s_bundle);

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    private string Models => _folder["models"];

    private string BaselineFile => Path.Combine(Models, ScaledModel.Name, Bundles.FrozenBaseline.FileName);

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Freeze_WhatIsAnswered_StaysAsItIsAndOutlivesTheProcess()
    {
        await using (var service = await StartAsync())
        {
            var client = new CalibrationsClient(service.Channel);
            var few = await FailAsync(StatusCode.FailedPrecondition, client.FreezeAsync(new FreezeBaselineRequest(), deadline: Soon));
            Assert.Equal("version 1: got scores that weigh 0 in requests that weigh 0, with a standard deviation of 0; expected at least 40 in 20, and not all alike", few);
            await RankAsync(service, 30);
            await RankAsync(service, 5, "home");
            var before = await AnswerAsync(service, "");
            Assert.Equal([3f, 1f], before);

            var frozen = await client.FreezeAsync(new FreezeBaselineRequest { Requester = new Requester { Name = "ada", Reason = "a test" } }, deadline: Soon);

            // Scores 0 and 1, answered as 1 and 3. "home" has too few, and keeps what its manifest says.
            Assert.Equal((1, 1, "ada", "a test"), (frozen.Baseline.Version, frozen.Baseline.SourceVersion, frozen.Baseline.Requester, frozen.Baseline.Reason));
            Assert.Equal([("", 2, 1, false), ("home", 3, 2, true)], frozen.Baseline.Scenarios.Select(moments => (moments.Scenario, Math.Round(moments.Mean, 3), Math.Round(moments.Std, 3), moments.Scores == 0)));
            Assert.Equal(MomentsSource.Streamed, frozen.Versions[0].Scenarios[0].Source);
            Assert.Equal(before, await AnswerAsync(service, ""));
            Assert.Equal((float[])[5, 3], await AnswerAsync(service, "home"));
            var metrics = (await service.GetAsync("/metrics")).Body.Split('\n').Where(line => line.StartsWith("pantheon_calibration", StringComparison.Ordinal)).ToArray();
            // A label without a value is left out: the default scenario has none.
            string[] expected =
            [
                "baseline_version{model=\"scaled\",version=\"1\"} 1", "bundle_shift{model=\"scaled\",version=\"1\"} 0.5", "mean_shift{model=\"scaled\",version=\"1\"} 0",
                "std_ratio{model=\"scaled\",version=\"1\"} 1", "trusted{model=\"scaled\",version=\"1\"} 1", "trusted{model=\"scaled\",scenario=\"home\",version=\"1\"} 0",
                "weight{model=\"scaled\",version=\"1\"} 5",
            ];
            Assert.All(expected, start => Assert.Contains(metrics, line => line.StartsWith($"pantheon_calibration_{start}", StringComparison.Ordinal)));
            Assert.Empty(service.Errors);
        }

        // A new process has not measured anything yet: its bundle's moments, to the frozen baseline of 2 and 1.
        await using var again = await StartAsync();
        Assert.Equal((float[])[3, 2], await AnswerAsync(again, ""));
        var calibration = await new CalibrationsClient(again.Channel).GetAsync(new GetCalibrationRequest(), deadline: Soon);
        Assert.Equal((1, MomentsSource.Bundle), (calibration.Baseline.Version, calibration.Versions[0].Scenarios[0].Source));
    }

    [Fact]
    public async Task Baseline_Damaged_WhatServesGoesOnServing()
    {
        await using var service = await StartAsync();
        var client = new CalibrationsClient(service.Channel);
        await RankAsync(service, 30);
        await client.FreezeAsync(new FreezeBaselineRequest(), deadline: Soon);
        var answer = await AnswerAsync(service, "");
        await File.WriteAllTextAsync(BaselineFile, "{");

        await Poll.UntilAsync(() => Task.FromResult(service.Output.Contains("[2401]", StringComparison.Ordinal)), "the problem is told");
        var problem = (await client.GetAsync(new GetCalibrationRequest(), deadline: Soon)).Problem;
        Assert.Contains("baseline.json: not a baseline of schema version 1", problem, StringComparison.Ordinal);
        Assert.Contains(problem, await FailAsync(StatusCode.FailedPrecondition, client.FreezeAsync(new FreezeBaselineRequest(), deadline: Soon)), StringComparison.Ordinal);
        Assert.Equal(answer, await AnswerAsync(service, ""));

        // Taken away, each version has its manifest's again.
        File.Delete(BaselineFile);
        Assert.Null((await client.GetAsync(new GetCalibrationRequest(), deadline: Soon)).Baseline);
        Assert.Equal((float[])[3, 1], await AnswerAsync(service, ""));
    }

    [Fact]
    public async Task Import_WhatWasExportedElsewhere_IsTrustedAtOnceAndReplacesWhatWasImported()
    {
        ModelMoments exported;
        await using (var elsewhere = await StartAsync())
        {
            await RankAsync(elsewhere, 30);
            var came = await new CalibrationsClient(elsewhere.Channel).FreezeAsync(new FreezeBaselineRequest(), deadline: Soon);
            exported = new ModelMoments { Model = came.Model, Versions = { came.Versions.Select(version => version.Measured) } };
        }

        await using var service = await StartAsync();
        var client = new CalibrationsClient(service.Channel);
        await client.ImportAsync(new ImportMomentsRequest { Moments = exported }, deadline: Soon);
        var imported = await client.ImportAsync(new ImportMomentsRequest { Moments = exported }, deadline: Soon);

        Assert.Equal((true, MomentsSource.Streamed), (imported.Versions[0].Scenarios[0].Trusted, imported.Versions[0].Scenarios[0].Source));
        Assert.Equal(30, imported.Versions[0].Measured.Scenarios[0].Requests, 0.01);
        Assert.Equal((float[])[3, 1], await AnswerAsync(service, ""));
    }

    [Fact]
    public async Task Import_ThatMakesNoSense_SaysWhyAndChangesNothing()
    {
        await using var service = await StartAsync("AdminToken=secret");
        var client = new CalibrationsClient(service.Channel);
        var metadata = new Metadata { { "authorization", "Bearer secret" } };
        var digest = (await client.GetAsync(new GetCalibrationRequest(), metadata, Soon)).Versions[0].Measured.BundleDigest;
        VersionMoments Version(Action<ScenarioMoments>? change = null)
        {
            var moments = new ScenarioMoments { Requests = 1e6, Scores = 1e7, Mean = 1, Std = 1 };
            change?.Invoke(moments);
            return new VersionMoments { Version = 1, BundleDigest = digest, Scenarios = { moments } };
        }

        async Task RefusedAsync(StatusCode code, string message, ModelMoments? moments) =>
            Assert.StartsWith(message, await FailAsync(code, client.ImportAsync(new ImportMomentsRequest { Moments = moments }, metadata, Soon)), StringComparison.Ordinal);
        ModelMoments Of(params VersionMoments[] versions) => new() { Model = ScaledModel.Name, Versions = { versions } };

        await RefusedAsync(StatusCode.InvalidArgument, "moments: got none", null);
        await RefusedAsync(StatusCode.NotFound, "moments.model: got 'other', expected one of scaled", new ModelMoments { Model = "other" });
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions: got none", Of());
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions: got a version twice", Of(Version(), Version()));
        await RefusedAsync(StatusCode.FailedPrecondition, "moments.versions[0].version: got 7, expected a loaded version of 'scaled' (1)", Of(new VersionMoments { Version = 7 }));
        await RefusedAsync(StatusCode.FailedPrecondition, "moments.versions[0].bundle_digest: got 'sha256:0', expected that of version 1", Of(new VersionMoments { Version = 1, BundleDigest = "sha256:0" }));
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions[0].scenarios: got 0, expected 1 to 257", Of(new VersionMoments { Version = 1, BundleDigest = digest }));
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions[0].scenarios[0].mean: got NaN, expected a number of ", Of(Version(moments => moments.Mean = double.NaN)));
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions[0].scenarios[0].std: got -1, expected a number of 0 to ", Of(Version(moments => moments.Std = -1)));
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions[0].scenarios[0].scores: got 1E+300, expected a number of 0 to ", Of(Version(moments => moments.Scores = 1e300)));
        await RefusedAsync(StatusCode.InvalidArgument, "moments.versions[0].scenarios[0].scenario: got 129 bytes, expected at most 128", Of(Version(moments => moments.Scenario = new string('x', 129))));
        await FailAsync(StatusCode.Unauthenticated, client.GetAsync(new GetCalibrationRequest(), deadline: Soon));
        await FailAsync(StatusCode.Unauthenticated, client.FreezeAsync(new FreezeBaselineRequest(), deadline: Soon));
        await FailAsync(StatusCode.Unauthenticated, client.ImportAsync(new ImportMomentsRequest { Moments = Of(Version()) }, deadline: Soon));
        await FailAsync(StatusCode.NotFound, client.GetAsync(new GetCalibrationRequest { Model = "other" }, metadata, Soon));

        Assert.All((await client.GetAsync(new GetCalibrationRequest(), metadata, Soon)).Versions[0].Measured.Scenarios, moments => Assert.Equal(0, moments.Scores));
    }

    [Fact]
    public async Task Restart_WithAStore_KeepsWhatWasMeasuredAndImported()
    {
        string[] stored = ["Exposures:Store=Sqlite", $"Exposures:Path={_folder["exposures.db"]}"];
        await using (var service = await StartAsync(stored))
        {
            var client = new CalibrationsClient(service.Channel);
            await RankAsync(service, 30);
            await Poll.UntilAsync(() => Task.FromResult(service.Output.Contains("[2301]", StringComparison.Ordinal)), "the store is open");
            var moments = (await client.FreezeAsync(new FreezeBaselineRequest(), deadline: Soon)).Versions[0].Measured;
            var imported = await client.ImportAsync(new ImportMomentsRequest { Moments = new ModelMoments { Versions = { moments } } }, deadline: Soon);
            Assert.Equal(60, imported.Versions[0].Measured.Scenarios[0].Requests, 0.1);
            service.Terminate();
            Assert.Equal(0, await service.ExitAsync());
            Assert.Empty(service.Errors);
        }

        await using var again = await StartAsync(stored);
        await Poll.UntilAsync(
            async () => (await new CalibrationsClient(again.Channel).GetAsync(new GetCalibrationRequest(), deadline: Soon)).Versions[0].Measured.Scenarios[0].Requests > 59, "it is read");
        Assert.Equal((float[])[3, 1], await AnswerAsync(again, ""));
    }

    private static async Task RankAsync(ServiceProcess service, int requests, string scenario = "")
    {
        for (var request = 0; request < requests; request++)
        {
            await new ScoringClient(service.Channel).RankAsync(ScaledModel.Request("user", [0, 1], [0, 0], scenario), deadline: Soon);
        }
    }

    // Of scores 1 and 0, by a pin, which is not measured.
    private static async Task<float[]> AnswerAsync(ServiceProcess service, string scenario) =>
        [.. (await new ScoringClient(service.Channel).RankAsync(ScaledModel.Request("user", [1, 0], [0, 0], scenario, version: 1), deadline: Soon)).Items.Select(item => MathF.Round(item.Score, 4))];

    private static async Task<string> FailAsync(StatusCode code, AsyncUnaryCall<ModelCalibration> call)
    {
        var status = (await Assert.ThrowsAsync<RpcException>(async () => await call)).Status;
        Assert.Equal(code, status.StatusCode);
        return status.Detail;
    }

    private Task<ServiceProcess> StartAsync(params string[] settings) => ServiceProcess.StartReadyAsync(Models, [.. s_settings, .. settings]);
}

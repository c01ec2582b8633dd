using System.Net;
using Grpc.Core;
using Pantheon.Bundles;
using Pantheon.Contracts.Health.V1;
using Pantheon.Contracts.V1;
using Pantheon.Rig;
using ServingStatus = Pantheon.Contracts.Health.V1.HealthCheckResponse.Types.ServingStatus;

namespace Pantheon.Serving.Tests.Lifecycle;

/// <summary>What the service makes of a model repository's good and bad versions.</summary>
public sealed class RepositoryTests : IDisposable
{
    private const string Good = "good";

    // The second score should be 0.251.
    private static readonly GoldenRequest WrongGolden = new()
    {
        Candidates = 2,
        Inputs = new Dictionary<string, GoldenTensor>
        {
            ["rounds"] = new() { Shape = [1], Int64s = [0] },
            ["x"] = new() { Shape = [2], Floats = [0.5f, 0.25f] },
            ["item"] = new() { Shape = [2], Int64s = [0, 1] },
        },
        Outputs = new Dictionary<string, GoldenTensor> { ["score"] = new() { Shape = [2], Floats = [0.5f, 0.25f] } },
    };

    private readonly TemporaryFolder _repository = new();

    private static DateTime Soon => DateTime.UtcNow + Poll.Limit;

    public void Dispose() => _repository.Dispose();

    [Fact]
    public async Task Start_BrokenDefaultModel_IsUpNotReadyAndSaysWhy()
    {
        FlipByte(ProbeModel.Publish(_repository.Path, "broken"));
        await using var service = await ServiceProcess.StartAsync(_repository.Path);
        await Poll.UntilAsync(async () => (await service.GetAsync("/readyz")).Body.Contains("sha256", StringComparison.Ordinal), "the reason");

        var (status, body) = await service.GetAsync("/readyz");
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("model/broken: ", body, StringComparison.Ordinal);
        Assert.Contains("model.onnx: sha256 ", body, StringComparison.Ordinal);
        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/livez")).Status);
        Assert.Equal(ServingStatus.NotServing, await HealthAsync(service, ""));
        Assert.Equal(ServingStatus.NotServing, await HealthAsync(service, "model/broken"));
        var error = await FailAsync(service, ProbeModel.Request(""));
        Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
        Assert.StartsWith("model 'broken' is not loaded: ", error.Detail, StringComparison.Ordinal);
        Assert.Contains("model.onnx: sha256 ", error.Detail, StringComparison.Ordinal);

        service.Terminate();
        Assert.Equal(0, await service.ExitAsync());
    }

    [Fact]
    public async Task Start_BrokenModelsBesideTheDefault_DoNotDisturbIt()
    {
        var broken = new Dictionary<string, string>
        {
            ["corrupt"] = "sha256",
            ["half-written"] = "manifest.json",
            ["no-onnx"] = "model.onnx",
            ["wrong-golden"] = "golden request 0, output 'score', candidate 1",
            ["wrong-schema"] = "schema version 2",
        };
        FlipByte(ProbeModel.Publish(_repository.Path, "corrupt"));
        File.Delete(Path.Combine(ProbeModel.Publish(_repository.Path, "half-written"), Manifest.FileName));
        Publish("no-onnx", new BundleSource(Bundle.ModelFile, static stream => stream.Write("not a graph"u8)));
        Publish("wrong-golden", BundleSource.FromGoldens([WrongGolden]));
        ReplaceInManifest(ProbeModel.Publish(_repository.Path, "wrong-schema"), "\"schema_version\": 1", "\"schema_version\": 2");
        ProbeModel.Publish(_repository.Path, Good);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, $"DefaultModel={Good}");
        foreach (var (name, reason) in broken)
        {
            await Poll.UntilAsync(async () => !(await FailAsync(service, ProbeModel.Request(name))).Detail.Contains("still", StringComparison.Ordinal), $"{name} was looked at");
            Assert.Equal(ServingStatus.NotServing, await HealthAsync(service, $"model/{name}"));
            var error = await FailAsync(service, ProbeModel.Request(name));
            Assert.Equal(StatusCode.FailedPrecondition, error.StatusCode);
            Assert.StartsWith($"model '{name}' is not loaded: ", error.Detail, StringComparison.Ordinal);
            Assert.Contains(reason, error.Detail, StringComparison.Ordinal);
        }

        Assert.Equal(HttpStatusCode.OK, (await service.GetAsync("/readyz")).Status);
        Assert.Equal(ServingStatus.Serving, await HealthAsync(service, ""));
        Assert.Equal(Good, (await RankAsync(service, 0)).Model);
    }

    [Fact]
    public async Task Start_PinnedVersions_AreServedBesideTheDefault()
    {
        for (var version = 1; version <= 4; version++)
        {
            ProbeModel.Publish(_repository.Path, Good, version);
        }

        new ModelRepository(_repository.Path).Traffic(Good).Write(TrafficTable.Undeclared(4, null).Promote(3, new TrafficAsk("test", "", DateTimeOffset.UtcNow)));
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, $"PinnedVersions:{Good}:0=1", $"PinnedVersions:{Good}:1=9");

        var byDefault = await RankAsync(service, 0);
        var pinned = await RankAsync(service, 1);

        Assert.Equal((3, Arm.Base), (byDefault.Version, byDefault.Arm));
        Assert.Equal((1, Arm.Pinned), (pinned.Version, pinned.Arm));
        Assert.NotEqual(byDefault.BundleDigest, pinned.BundleDigest);
        Assert.Equal(Arm.Pinned, (await RankAsync(service, 3)).Arm);
        var request = ProbeModel.Request(Good);
        request.Version = 2;
        // The base before it, 4, is loaded too, for a rollback.
        await Poll.UntilAsync(async () => await service.MetricAsync("pantheon_model_info") == 3, "three versions");
        var error = await FailAsync(service, request);
        Assert.Equal((StatusCode.FailedPrecondition, $"version: got 2, expected a loaded version of '{Good}' (1, 3, 4)"), (error.StatusCode, error.Detail));
    }

    private static async Task<ServingStatus> HealthAsync(ServiceProcess service, string name) =>
        (await new HealthClient(service.Channel).CheckAsync(new HealthCheckRequest { Service = name }, deadline: Soon)).Status;

    private static async Task<RankResponse> RankAsync(ServiceProcess service, long version)
    {
        var request = ProbeModel.Request("");
        request.Version = version;
        return await new ScoringClient(service.Channel).RankAsync(request, deadline: Soon);
    }

    private static async Task<Status> FailAsync(ServiceProcess service, RankRequest request) =>
        (await Assert.ThrowsAsync<RpcException>(async () => await new ScoringClient(service.Channel).RankAsync(request, deadline: Soon))).Status;

    private static void FlipByte(string bundle)
    {
        var path = Path.Combine(bundle, Bundle.ModelFile);
        var bytes = File.ReadAllBytes(path);
        bytes[bytes.Length / 2] ^= 1;
        File.WriteAllBytes(path, bytes);
    }

    private static void ReplaceInManifest(string bundle, string old, string replacement)
    {
        var path = Path.Combine(bundle, Manifest.FileName);
        var text = File.ReadAllText(path);
        Assert.Contains(old, text, StringComparison.Ordinal);
        File.WriteAllText(path, text.Replace(old, replacement, StringComparison.Ordinal));
    }

    // All is as the manifest says but one file, of which the manifest says that it is so.
    private void Publish(string name, BundleSource file)
    {
        using var elsewhere = new TemporaryFolder();
        var good = Bundle.Open(ProbeModel.Publish(elsewhere.Path, name));
        var sources = new[] { BundleSource.FromFile(Bundle.ModelFile, good.ModelPath) }.Where(source => source.Name != file.Name).Append(file);
        BundlePublisher.Publish(_repository.Path, good.Manifest with { Files = [] }, [.. sources], static _ => { });
    }
}

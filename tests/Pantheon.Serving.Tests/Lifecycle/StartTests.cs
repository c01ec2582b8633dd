using System.Net;
using System.Net.Sockets;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Lifecycle;

/// <summary>What the service does not start with: exit code 1 and one line that says why.</summary>
public sealed class StartTests : IDisposable
{
    private readonly TemporaryFolder _repository = new();

    public StartTests() => ProbeModel.Publish(_repository.Path, ProbeModel.Strict);

    public void Dispose() => _repository.Dispose();

    [Theory]
    [InlineData("GrpcPort=70000", "setting Serving:GrpcPort: got '70000', expected 0 to 65535")]
    [InlineData("HttpAddress=nowhere", "setting Serving:HttpAddress: got 'nowhere', expected an IP address")]
    [InlineData("Limits:DefaultTopK=5000", "setting Serving:Limits:DefaultTopK: got '5000', expected 1 to 1000")]
    [InlineData("ShutdownSeconds=-1", "setting Serving:ShutdownSeconds: got '-1', expected 0 to 3600")]
    [InlineData("MaxMessageBytes=lots", "Serving:MaxMessageBytes")]
    [InlineData("Limits:MaxCandidate=5", "MaxCandidate")]
    public async Task Start_BadSetting_IsOneLineThatNamesIt(string setting, string expected) => await RefusesAsync(expected, _repository.Path, setting);

    [Fact]
    public async Task Start_PortInUse_IsOneLineThatNamesIt()
    {
        using var other = new TcpListener(IPAddress.Loopback, 0);
        other.Start();
        var port = ((IPEndPoint)other.LocalEndpoint).Port;

        await RefusesAsync($"127.0.0.1:{port}", _repository.Path, $"GrpcPort={port}");
        await RefusesAsync($"127.0.0.1:{port}", _repository.Path, $"HttpPort={port}");
    }

    [Fact]
    public async Task Start_EmptyRepository_IsOneLineThatNamesIt()
    {
        using var empty = new TemporaryFolder();

        await RefusesAsync($"'{empty.Path}' holds no model", empty.Path);
        await RefusesAsync($"'{empty["missing"]}' holds no model", empty["missing"]);
    }

    [Fact]
    public async Task Start_TwoModelsAndNoDefault_IsOneLineThatNamesThem()
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Dropping);

        await RefusesAsync("setting Serving:DefaultModel: got nothing, expected one of probe-dropping, probe-strict", _repository.Path);
    }

    [Fact]
    public async Task Start_SomeModelsOfTheRepository_ServesOnlyThose()
    {
        ProbeModel.Publish(_repository.Path, ProbeModel.Dropping);
        await using var service = await ServiceProcess.StartReadyAsync(_repository.Path, "Models:0=probe-dropping");

        Assert.DoesNotContain("probe-strict", (await service.GetAsync("/metrics")).Body, StringComparison.Ordinal);
    }

    private static async Task RefusesAsync(string expected, string repository, params string[] settings)
    {
        await using var service = ServiceProcess.Launch(repository, settings);

        Assert.Equal(1, await service.ExitAsync());
        var line = Assert.Single(service.Output.Split('\n', StringSplitOptions.RemoveEmptyEntries));
        Assert.StartsWith("pantheon-serving: ", line, StringComparison.Ordinal);
        Assert.Contains(expected, line, StringComparison.Ordinal);
    }
}

using System.Net;
using Microsoft.Extensions.Configuration;
using Pantheon.Serving.Health;

namespace Pantheon.Serving.Tests.Health;

public sealed class HealthEndpointsTests : IAsyncLifetime
{
    private HealthHost _host = null!;

    public async Task InitializeAsync() => _host = await HealthHost.StartAsync();

    public async Task DisposeAsync() => await _host.DisposeAsync();

    [Fact]
    public async Task Livez_NotReady_IsOk()
    {
        HttpResponseMessage response = await _host.Http.GetAsync("/livez");

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("ok\n", await response.Content.ReadAsStringAsync());
    }

    [Fact]
    public async Task Readyz_FromStartToShutdown_TellsWhy()
    {
        _host.State.SetModel("broken", serving: false, "sha256 of model.onnx:\ndiffers");
        Assert.Equal(
            (HttpStatusCode.ServiceUnavailable,
             """
             not ready
             overall: the default model is not in service yet
             model/broken: sha256 of model.onnx: differs
             pantheon.serving.v1.Scoring: the default model is not in service yet

             """),
            await ReadyAsync());

        _host.State.SetReady();
        Assert.Equal((HttpStatusCode.OK, "ok\n"), await ReadyAsync());

        _host.State.Shutdown();
        (HttpStatusCode status, string text) = await ReadyAsync();
        Assert.Equal(HttpStatusCode.ServiceUnavailable, status);
        Assert.Contains("overall: going down\n", text, StringComparison.Ordinal);
    }

    [Fact]
    public async Task Probe_OfAServer_ExitsWithItsReadiness()
    {
        string url = new Uri(_host.Http.BaseAddress!, "/readyz").ToString();
        Assert.Equal(1, await HealthProbe.RunAsync(["--health-check", url]));

        _host.State.SetReady();
        Assert.Equal(0, await HealthProbe.RunAsync(["--health-check", url]));

        await _host.StopAsync();
        Assert.Equal(1, await HealthProbe.RunAsync(["--health-check", url]));
    }

    [Fact]
    public async Task Probe_NotAUrl_Fails() => Assert.Equal(1, await HealthProbe.RunAsync(["--health-check", "nonsense"]));

    [Theory]
    [InlineData(null, null, "http://127.0.0.1:8501/readyz")]
    [InlineData("0.0.0.0", "9000", "http://127.0.0.1:9000/readyz")]
    [InlineData("::", "9000", "http://[::1]:9000/readyz")]
    [InlineData("10.1.2.3", null, "http://10.1.2.3:8501/readyz")]
    public void Target_FromTheServiceSettings_CanBeReachedFromInside(string? address, string? port, string expected)
    {
        IConfiguration settings = new ConfigurationBuilder()
            .AddInMemoryCollection(new Dictionary<string, string?> { ["Serving:HttpAddress"] = address, ["Serving:HttpPort"] = port })
            .Build();

        Assert.Equal(new Uri(expected), HealthProbe.Target(settings));
    }

    private async Task<(HttpStatusCode Status, string Text)> ReadyAsync()
    {
        HttpResponseMessage response = await _host.Http.GetAsync("/readyz");
        return (response.StatusCode, await response.Content.ReadAsStringAsync());
    }
}

using System.Text.Json;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>SIGTERM under load, as clients see it that are not ours: calls are answered or refused, and none is cut off.</summary>
public sealed class DrainTests
{
    [Theory]
    [InlineData("drain.py")]
    [InlineData("drain.mjs")]
    public async Task Terminate_UnderLoad_CutsNoCallOff(string script)
    {
        using var repository = new TemporaryFolder();
        DemoModel.Shipped.CopyTo(repository.Path);
        await using var service = await ServiceProcess.StartReadyAsync(repository.Path);
        using var client = await ForeignClient.StartAsync(
            script, service.Target, service.Http.GetLeftPart(UriPartial.Authority), DemoModel.Shipped.Bundle.Directory, Path.Combine(SourceTree.Root, "protos"));
        client.StandardInput.Close();
        var errors = client.StandardError.ReadToEndAsync();
        Assert.Equal("running", await client.StandardOutput.ReadLineAsync().WaitAsync(Poll.Limit));

        service.Terminate();

        Assert.Equal(0, await service.ExitAsync());
        var line = await client.StandardOutput.ReadLineAsync().WaitAsync(Poll.Limit);
        await client.WaitForExitAsync().WaitAsync(Poll.Limit);
        Assert.True(client.ExitCode == 0 && line is not null, await errors);
        var result = JsonDocument.Parse(line).RootElement;
        Assert.Empty(result.GetProperty("cut_off").EnumerateArray().Select(text => text.GetString()));
        Assert.Equal(["OK", "UNAVAILABLE"], result.GetProperty("statuses").EnumerateObject().Select(status => status.Name).Order(StringComparer.Ordinal));
        Assert.Empty(service.Errors);
    }
}

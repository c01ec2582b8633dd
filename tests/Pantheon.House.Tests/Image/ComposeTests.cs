using System.Diagnostics;

namespace Pantheon.House.Tests.Image;

/// <summary>The compose files and what they mount.</summary>
public sealed class ComposeTests
{
    [Theory]
    [InlineData("docker-compose.yml")]
    [InlineData("deploy", "docker-compose.cluster.yml")]
    public async Task Compose_File_IsValid(params string[] file)
    {
        (int code, string said) = await RunAsync("docker-compose", "-f", Repository.PathOf(file), "config", "--quiet");

        Assert.True(code == 0, said);
    }

    [Fact]
    public async Task Prometheus_Configuration_IsValidAndScrapesTheService()
    {
        string path = Repository.PathOf("deploy", "prometheus.yml");
        (int code, string said) = await RunAsync("promtool", "check", "config", path);

        Assert.True(code == 0, said);
        Dictionary<string, string> image = new(Dockerfile.Read(await File.ReadAllTextAsync(Repository.PathOf("deploy", "Dockerfile")))[^1].Environment());
        Assert.Contains($"\"serving:{image["Serving__HttpPort"]}\"", await File.ReadAllTextAsync(path), StringComparison.Ordinal);
    }

    private static async Task<(int Code, string Said)> RunAsync(params string[] command)
    {
        using Process process = Process.Start(ImageBuild.Command(Repository.Root, command))!;
        process.StandardInput.Close();
        Task<string> output = process.StandardOutput.ReadToEndAsync();
        Task<string> errors = process.StandardError.ReadToEndAsync();
        await process.WaitForExitAsync();
        return (process.ExitCode, await output + await errors);
    }
}

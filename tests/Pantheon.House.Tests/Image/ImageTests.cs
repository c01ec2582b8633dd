using System.Diagnostics;
using System.Net;
using System.Net.Sockets;

namespace Pantheon.House.Tests.Image;

/// <summary>The container image, as far as it can be judged without a container engine.</summary>
public sealed class ImageTests
{
    private static readonly TimeSpan s_startPatience = TimeSpan.FromSeconds(60);

    // As long as docker-compose.yml lets it take.
    private static readonly TimeSpan s_stopPatience = TimeSpan.FromSeconds(30);

    private readonly IReadOnlyList<Stage> _stages = Dockerfile.Read(File.ReadAllText(Repository.PathOf("deploy", "Dockerfile")));

    [Fact]
    public void Dockerfile_LastStage_IsARuntimeThatRunsUnprivilegedAndCanBeReached()
    {
        Stage final = _stages[^1];
        Dictionary<string, string> environment = new(final.Environment());

        Assert.Contains("/aspnet:", final.Base, StringComparison.Ordinal);
        Assert.NotInRange(int.Parse(final.Last("USER").Text, System.Globalization.CultureInfo.InvariantCulture), 0, 999);
        Assert.Equal("0.0.0.0", environment["Serving__GrpcAddress"]);
        Assert.Equal("0.0.0.0", environment["Serving__HttpAddress"]);
        Assert.Equal([environment["Serving__GrpcPort"], environment["Serving__HttpPort"]], final.Last("EXPOSE").Words);
    }

    [Fact]
    public async Task Commands_OfTheImage_BuildStartReportHealthAndStop()
    {
        using ImageBuild build = new();
        string work = build.Run(_stages);
        Stage final = _stages[^1];
        Dictionary<string, string> environment = new(final.Environment())
        {
            // Every other setting is the image's own.
            ["Serving__GrpcPort"] = $"{FreePort()}",
            ["Serving__HttpPort"] = $"{FreePort()}",
        };

        using Process service = Start(work, final, final.Last("ENTRYPOINT").Exec(), environment);
        Task<string> output = service.StandardOutput.ReadToEndAsync();
        Task<string> errors = service.StandardError.ReadToEndAsync();
        try
        {
            Stopwatch waited = Stopwatch.StartNew();
            int health;
            while ((health = await HealthAsync(work, final, environment)) != 0 && waited.Elapsed < s_startPatience && !service.HasExited)
            {
            }

            Assert.True(health == 0, $"not healthy after {waited.Elapsed}{(service.HasExited ? "; the service ended: " + await output + await errors : "")}");
            using Process signal = Process.Start("kill", ["-TERM", $"{service.Id}"]);
            using CancellationTokenSource patience = new(s_stopPatience);
            await service.WaitForExitAsync(patience.Token);
        }
        finally
        {
            if (!service.HasExited)
            {
                service.Kill(entireProcessTree: true);
            }
        }

        Assert.True(service.ExitCode == 0, $"exit code {service.ExitCode}: {await output}{await errors}");
    }

    private static async Task<int> HealthAsync(string work, Stage final, Dictionary<string, string> environment)
    {
        using Process probe = Start(work, final, final.Last("HEALTHCHECK").Exec(), environment);
        Task<string> output = probe.StandardOutput.ReadToEndAsync();
        Task<string> errors = probe.StandardError.ReadToEndAsync();
        await probe.WaitForExitAsync();
        await Task.WhenAll(output, errors);
        return probe.ExitCode;
    }

    private static Process Start(string work, Stage final, string[] command, Dictionary<string, string> environment)
    {
        // Where these tests run as root, the image's user is taken on, who owns nothing and can write nowhere here.
        string[] user = System.Environment.UserName == "root" ? ["setpriv", "--reuid", final.Last("USER").Text, "--regid", final.Last("USER").Text, "--clear-groups"] : [];
        ProcessStartInfo start = ImageBuild.Command(work, [.. user, .. command]);
        foreach ((string name, string value) in environment)
        {
            start.Environment[name] = value;
        }

        Process process = Process.Start(start)!;
        process.StandardInput.Close();
        return process;
    }

    private static int FreePort()
    {
        using Socket socket = new(SocketType.Stream, ProtocolType.Tcp);
        socket.Bind(new IPEndPoint(IPAddress.Loopback, 0));
        return ((IPEndPoint)socket.LocalEndPoint!).Port;
    }
}

using System.Net;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Health;

/// <summary>
/// <c>Pantheon.Serving --health-check [URL]</c>: asks a running service whether it is ready, for container engines, whose
/// images have no curl. Exit code 0 if it is, 1 if not. Without a URL it asks where the same settings say that the service
/// listens.
/// </summary>
internal static class HealthProbe
{
    /// <summary>A probe that takes longer tells the same as one that fails.</summary>
    private static readonly TimeSpan s_timeout = TimeSpan.FromSeconds(3);

    /// <param name="args">The program's arguments: <c>--health-check</c>, then at most a URL.</param>
    public static async Task<int> RunAsync(string[] args)
    {
        try
        {
            Uri target = args.Length > 1 ? new Uri(args[1], UriKind.Absolute) : Target(Settings());
            using HttpClient client = new(new SocketsHttpHandler { UseProxy = false }) { Timeout = s_timeout };
            using HttpResponseMessage response = await client.GetAsync(target);
            Console.Write(await response.Content.ReadAsStringAsync());
            return response.StatusCode == HttpStatusCode.OK ? 0 : 1;
        }
        catch (Exception exception) when (exception is HttpRequestException or OperationCanceledException or FormatException or InvalidOperationException)
        {
            Console.Error.WriteLine($"health check: {exception.Message}");
            return 1;
        }
    }

    /// <summary>Where a service with these settings can be asked; one that listens on every address is asked over loopback.</summary>
    internal static Uri Target(IConfiguration settings)
    {
        ServingOptions defaults = new();
        IConfigurationSection section = settings.GetSection(ServingOptions.Section);
        IPAddress address = IPAddress.Parse(section[nameof(ServingOptions.HttpAddress)] ?? defaults.HttpAddress);
        int port = section.GetValue(nameof(ServingOptions.HttpPort), defaults.HttpPort);
        if (address.Equals(IPAddress.Any))
        {
            address = IPAddress.Loopback;
        }
        else if (address.Equals(IPAddress.IPv6Any))
        {
            address = IPAddress.IPv6Loopback;
        }

        return new Uri($"http://{new IPEndPoint(address, port)}/readyz");
    }

    private static IConfiguration Settings() => new ConfigurationBuilder()
        .SetBasePath(AppContext.BaseDirectory)
        .AddJsonFile("appsettings.json", optional: true)
        .AddEnvironmentVariables()
        .Build();
}

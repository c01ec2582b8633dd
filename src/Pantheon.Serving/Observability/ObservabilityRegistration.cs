using Microsoft.Extensions.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using OpenTelemetry.Resources;

namespace Pantheon.Serving.Observability;

internal static class ObservabilityRegistration
{
    /// <summary>Names of meters; each also stands for those that begin with it and a dot.</summary>
    private static readonly string[] s_meters = ["Pantheon", RuntimeNames.Meter, "Microsoft.AspNetCore.Hosting", "Microsoft.AspNetCore.Server.Kestrel"];

    /// <summary>Collects our meters, .NET's and ASP.NET Core's.</summary>
    public static IServiceCollection AddObservability(this IServiceCollection services)
    {
        string version = typeof(ObservabilityRegistration).Assembly.GetName().Version?.ToString(3) ?? "0.0.0";
        // Enabled here and not by the provider's AddMeter, which would listen to every host of the process.
        services.AddMetrics(metrics =>
        {
            foreach (string meter in s_meters)
            {
                metrics.EnableMetrics(meter, instrumentName: null, listenerName: "OpenTelemetry");
            }
        });
        services.AddSingleton<ProcessMetrics>();
        services.AddSingleton<PrometheusExporter>();
        services.AddSingleton<PrometheusEndpoint>();
        services.AddOpenTelemetry()
            .ConfigureResource(resource => resource.AddService("pantheon-serving", serviceVersion: version))
            .WithMetrics(metrics => metrics
                .AddView(RuntimeNames.View)
                .AddInstrumentation(services => services.GetRequiredService<ProcessMetrics>())
                .AddReader(services => new BaseExportingMetricReader(services.GetRequiredService<PrometheusExporter>())
                {
                    TemporalityPreference = MetricReaderTemporalityPreference.Cumulative,
                }));
        return services;
    }

    /// <summary>Maps <c>/metrics</c>.</summary>
    public static IEndpointConventionBuilder MapObservability(this IEndpointRouteBuilder endpoints)
    {
        PrometheusEndpoint endpoint = endpoints.ServiceProvider.GetRequiredService<PrometheusEndpoint>();
        RequestDelegate answer = endpoint.AnswerAsync;
        // A scraper asks every few seconds for as long as the process lives; its own requests say nothing about the service.
        return endpoints.MapGet("/metrics", answer).DisableHttpMetrics();
    }
}

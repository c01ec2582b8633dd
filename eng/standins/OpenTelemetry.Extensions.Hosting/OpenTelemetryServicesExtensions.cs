using Microsoft.Extensions.Hosting;
using OpenTelemetry;

namespace Microsoft.Extensions.DependencyInjection;

/// <summary>Adds OpenTelemetry to a host.</summary>
public static class OpenTelemetryServicesExtensions
{
    /// <summary>Adds a hosted service that starts telemetry before every other; may be called more than once.</summary>
    public static OpenTelemetryBuilder AddOpenTelemetry(this IServiceCollection services)
    {
        ArgumentNullException.ThrowIfNull(services);
        if (!services.Any(static service => service.ServiceType == typeof(IHostedService) && service.ImplementationType == typeof(TelemetryHostedService)))
        {
            // First, so that instruments which other hosted services use as they start are already listened to.
            services.Insert(0, ServiceDescriptor.Singleton<IHostedService, TelemetryHostedService>());
        }

        return new OpenTelemetryBuilder(services);
    }
}

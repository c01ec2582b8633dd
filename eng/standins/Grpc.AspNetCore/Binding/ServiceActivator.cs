using Microsoft.Extensions.DependencyInjection;

namespace Grpc.AspNetCore.Server.Binding;

/// <summary>A service instance per call: the container's if it has one, which the container then disposes, else one of our own.</summary>
internal sealed class ServiceActivator<TService>
    where TService : class
{
    private ObjectFactory<TService>? _factory;

    public TService Create(IServiceProvider services, out bool ours)
    {
        if (services.GetService<TService>() is { } registered)
        {
            ours = false;
            return registered;
        }

        ours = true;
        _factory ??= ActivatorUtilities.CreateFactory<TService>([]);
        return _factory(services, []);
    }

    public static ValueTask ReleaseAsync(TService service)
    {
        if (service is IAsyncDisposable asyncDisposable)
        {
            return asyncDisposable.DisposeAsync();
        }

        (service as IDisposable)?.Dispose();
        return default;
    }
}

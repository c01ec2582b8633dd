using System.Collections.Concurrent;

namespace Pantheon.Bundles;

/// <summary>Tables beside the models, in the folder that replicas share: <c>traffic.json</c> of each. Looked for, as a folder tells nobody.</summary>
/// <param name="repository">The models' folder.</param>
public sealed class TrafficFiles(ModelRepository repository) : ITrafficTables
{
    private readonly ConcurrentDictionary<string, TrafficTable?> _last = new(StringComparer.Ordinal);

    /// <summary>Never raised.</summary>
    public event Action<string>? Changed
    {
        add { }
        remove { }
    }

    /// <inheritdoc/>
    public DeclaredTraffic Known(string model)
    {
        try
        {
            var table = repository.Traffic(model).Read();
            _last[model] = table;
            return new DeclaredTraffic(table, null);
        }
        catch (BundleException error)
        {
            return new DeclaredTraffic(_last.GetValueOrDefault(model), error.Message);
        }
    }

    /// <inheritdoc/>
    public Task<TrafficTable?> ReadAsync(string model, CancellationToken cancellation) => Task.FromResult(repository.Traffic(model).Read());

    /// <inheritdoc/>
    public Task WriteAsync(string model, TrafficTable table, CancellationToken cancellation)
    {
        repository.Traffic(model).Write(table);
        return Task.CompletedTask;
    }
}

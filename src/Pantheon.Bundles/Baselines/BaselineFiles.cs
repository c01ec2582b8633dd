namespace Pantheon.Bundles;

/// <summary>Baselines beside the models, in the folder that replicas share: <c>baseline.json</c> of each. Looked for, as a folder tells nobody.</summary>
/// <param name="repository">The models' folder.</param>
public sealed class BaselineFiles(ModelRepository repository) : IBaselines
{
    /// <inheritdoc/>
    public Task<FrozenBaseline?> ReadAsync(string model, CancellationToken cancellation) => Task.FromResult(repository.Baseline(model).Read());

    /// <inheritdoc/>
    public Task WriteAsync(string model, FrozenBaseline baseline, CancellationToken cancellation)
    {
        repository.Baseline(model).Write(baseline);
        return Task.CompletedTask;
    }

    /// <inheritdoc/>
    public Task WatchAsync(Func<string, Task> changed, CancellationToken cancellation) => Task.CompletedTask;
}

using Pantheon.Bundles;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Health;

namespace Pantheon.Serving.Models;

/// <summary>
/// Loads what the repository holds, on a thread of its own so that health answers meanwhile. The default model comes
/// first. A model that cannot be loaded is reported with its reason and does not keep the others from being served.
/// </summary>
internal sealed partial class ModelHost(
    ServingOptions options, ModelCatalog catalog, ModelLoader loader, SelfWarmUp warmUp, HealthState health, TimeProvider clock, ILogger<ModelHost> logger) : BackgroundService
{
    /// <summary>A catalog in which every model to be served is known and none is loaded yet.</summary>
    /// <exception cref="ConfigurationException">There is no model, or several and no default.</exception>
    public static ModelCatalog CreateCatalog(ServingOptions options)
    {
        var models = Choose(options, new ModelRepository(options.ModelRepository));
        var catalog = new ModelCatalog(models[0]);
        foreach (var name in models)
        {
            catalog.Publish(new ServedModel(name, null, new Dictionary<long, LoadedModel>(), "the service is still loading it"));
        }

        return catalog;
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            var repository = new ModelRepository(options.ModelRepository);
            // The default first. What was chosen at start is what is served, whatever has come into the repository since.
            foreach (var name in catalog.Models.Select(model => model.Name).OrderBy(name => name != catalog.DefaultModel).ToList())
            {
                var served = await Task.Factory.StartNew(
                    () => Load(repository, name, stoppingToken), stoppingToken, TaskCreationOptions.LongRunning, TaskScheduler.Default);
                catalog.Publish(served);
                if (name == catalog.DefaultModel && served.InService is { } model)
                {
                    await warmUp.RunAsync(model, stoppingToken);
                }

                health.SetModel(name, served.InService is not null, served.Reason);
                if (name == catalog.DefaultModel && served.InService is not null)
                {
                    health.SetReady();
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is going down before it was up.
        }
    }

    // Which models to serve, the default first.
    private static IReadOnlyList<string> Choose(ServingOptions options, ModelRepository repository)
    {
        IReadOnlyList<string> models = options.Models.Count > 0 ? options.Models : repository.Models();
        if (models.Count == 0)
        {
            throw new ConfigurationException(
                $"the model repository '{Path.GetFullPath(options.ModelRepository)}' holds no model; expected NAME/VERSION/manifest.json");
        }

        var first = options.DefaultModel.Length > 0 ? options.DefaultModel : models[0];
        if (options.DefaultModel.Length == 0 && models.Count > 1)
        {
            throw new ConfigurationException(
                $"setting {ServingOptions.Section}:{nameof(options.DefaultModel)}: got nothing, expected one of {string.Join(", ", models)}");
        }

        return [first, .. models.Where(model => model != first)];
    }

    private ServedModel Load(ModelRepository repository, string name, CancellationToken cancellation)
    {
        var versions = new Dictionary<long, LoadedModel>();
        LoadedModel? inService = null;
        var reason = Try(name, () =>
        {
            var version = repository.DefaultVersion(name);
            inService = LoadVersion(repository, name, version, cancellation);
            versions.Add(version, inService);
        });
        foreach (var version in options.PinnedVersions.GetValueOrDefault(name) ?? [])
        {
            if (!versions.ContainsKey(version))
            {
                Try(name, () => versions.Add(version, LoadVersion(repository, name, version, cancellation)));
            }
        }

        return new ServedModel(name, inService, versions, reason);
    }

    private LoadedModel LoadVersion(ModelRepository repository, string name, long version, CancellationToken cancellation)
    {
        var start = clock.GetTimestamp();
        var model = loader.Load(repository.Open(name, version), cancellation);
        var seconds = clock.GetElapsedTime(start).TotalSeconds;
        LogLoaded(name, version, model.Bundle.Digest, seconds);
        return model;
    }

    // Why a model was refused; null if it was not.
    private string? Try(string name, Action load)
    {
        try
        {
            load();
            return null;
        }
        catch (BundleException error)
        {
            LogRefused(name, error.Message);
            return error.Message;
        }
#pragma warning disable CA1031 // One bundle, however strange, must not take down what serves.
        catch (Exception error) when (error is not OperationCanceledException)
#pragma warning restore CA1031
        {
            LogBroken(error, name);
            return $"{error.GetType().Name}: {error.Message}";
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} ({Digest}) is loaded, equal to its golden outputs, and warm after {Seconds:F2} s")]
    private partial void LogLoaded(string model, long version, string digest, double seconds);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error, Message = "Model '{Model}' is refused: loading it failed in a way that nobody foresaw")]
    private partial void LogBroken(Exception error, string model);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Model '{Model}' is refused: {Reason}")]
    private partial void LogRefused(string model, string reason);
}

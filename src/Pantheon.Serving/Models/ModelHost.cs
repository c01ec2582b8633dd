using System.Collections.Concurrent;
using Pantheon.Bundles;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Rollout;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Health;

namespace Pantheon.Serving.Models;

/// <summary>
/// Watches the repository and keeps every model's rollout going, one that arrives later included. A model that cannot be
/// loaded is reported with its reason and does not keep the others from being served.
/// </summary>
internal sealed partial class ModelHost(
    ServingOptions options, ModelRepository repository, ITrafficTables tables, ModelCatalog catalog, ModelLoader loader, LoaderThread thread, SelfWarmUp warmUp,
    HealthState health, RepositoryRetention retention, TimeProvider clock, ILogger<ModelHost> logger) : BackgroundService
{
    private readonly ConcurrentDictionary<string, ModelRollout> _rollouts = new(StringComparer.Ordinal);
    private Task<int> _retained = Task.FromResult(0);
    private Task _refreshed = Task.CompletedTask;
    private bool _isReady;

    /// <summary>The rollouts, by name of their model.</summary>
    public IReadOnlyDictionary<string, ModelRollout> Rollouts => _rollouts;

    /// <summary>A catalog in which every model to be served is known and none is loaded yet.</summary>
    /// <exception cref="ConfigurationException">There is no model, or several and no default.</exception>
    public static ModelCatalog CreateCatalog(ServingOptions options, ModelRepository repository)
    {
        var models = Choose(options, repository);
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
        // The default first: the one thread that loads takes them in this order.
        foreach (var name in catalog.Models.Select(model => model.Name).OrderBy(name => name != catalog.DefaultModel).ToList())
        {
            Follow(name, stoppingToken);
        }

        // Else it is looked for.
        tables.Changed += model => _rollouts.GetValueOrDefault(model)?.Reconcile();
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Rollout.PollSeconds), clock);
        try
        {
            do
            {
                await LookAsync(stoppingToken);
            }
            while (await timer.WaitForNextTickAsync(stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is going down.
        }
    }

    // Which models to serve, the default first.
    private static IReadOnlyList<string> Choose(ServingOptions options, ModelRepository repository)
    {
        IReadOnlyList<string> models = options.Models.Count > 0 ? options.Models : repository.Models();
        if (models.Count == 0)
        {
            throw new ConfigurationException(
                $"the model repository '{repository.Name}' holds no model; expected NAME/VERSION/manifest.json{(repository.Problem is { } problem ? $" ({problem})" : "")}");
        }

        var first = options.DefaultModel.Length > 0 ? options.DefaultModel : models[0];
        if (options.DefaultModel.Length == 0 && models.Count > 1)
        {
            throw new ConfigurationException(
                $"setting {ServingOptions.Section}:{nameof(options.DefaultModel)}: got nothing, expected one of {string.Join(", ", models)}");
        }

        return [first, .. models.Where(model => model != first)];
    }

    private void Follow(string name, CancellationToken stoppingToken)
    {
        var rollout = new ModelRollout(
            name, repository, tables, loader, thread, catalog, options.PinnedVersions.GetValueOrDefault(name) ?? [], clock, logger, stoppingToken);
        _rollouts[name] = rollout;
        rollout.Reconcile();
        _ = ReportAsync(rollout, stoppingToken);
    }

    private async Task LookAsync(CancellationToken stoppingToken)
    {
        // Not waited for: what it finds is there at the next look, or the one after.
        if (_refreshed.IsCompleted)
        {
            _refreshed = repository.RefreshAsync(stoppingToken);
        }

        try
        {
            if (options.Models.Count == 0)
            {
                foreach (var name in repository.Models().Where(name => !_rollouts.ContainsKey(name)))
                {
                    Follow(name, stoppingToken);
                }
            }
        }
        catch (BundleException)
        {
            // Each rollout says so of its own.
        }

        foreach (var (name, rollout) in _rollouts)
        {
            rollout.Reconcile();
            await GuardAsync(name, rollout, stoppingToken);
        }

        // Not waited for: the thread may be loading, and a guard must not wait for that.
        if (retention.IsWanted && _retained.IsCompleted)
        {
            _retained = thread.RunAsync(() => _rollouts.Sum(pair => retention.Enforce(repository, pair.Key, pair.Value.View)));
        }
    }

    // Health follows each model from change to change.
    private async Task ReportAsync(ModelRollout rollout, CancellationToken stoppingToken)
    {
        try
        {
            while (!stoppingToken.IsCancellationRequested)
            {
                var view = rollout.View;
                if (view.Model == catalog.DefaultModel && view.Base is not null && !_isReady && rollout.Loaded.Base is { } model)
                {
                    await warmUp.RunAsync(model, stoppingToken);
                }

                health.SetModel(view.Model, view.Base is not null, view.Problem);
                if (view.Model == catalog.DefaultModel && view.Base is not null && !_isReady)
                {
                    _isReady = true;
                    thread.GiveWay();
                    health.SetReady();
                }

                await view.Replaced.WaitAsync(stoppingToken);
            }
        }
        catch (OperationCanceledException)
        {
            // The service is going down.
        }
    }

    private async Task GuardAsync(string name, ModelRollout rollout, CancellationToken cancellation)
    {
        var guard = options.Rollout.Guard;
        var (@base, canary, before) = rollout.Loaded;
        if (!guard.Enabled || @base is null)
        {
            return;
        }

        var reason = canary is not null
            ? RolloutGuard.Judge(canary.Statistics.Recent, @base.Statistics.Recent, IsCalibrated(canary) && IsCalibrated(@base), guard)
            : before is not null && rollout.View.Table?.History is [.., { Action: "promote" } last] && (clock.GetUtcNow() - last.At).TotalSeconds < guard.BaseSeconds
            ? RolloutGuard.Judge(@base.Statistics.Recent, before.Statistics.All, IsCalibrated(before) && IsCalibrated(@base), guard)
            : null;
        if (reason is null)
        {
            return;
        }

        var version = (canary ?? @base).Version;
        LogOutOfBounds(name, version, reason);
        try
        {
            // Only what was judged: somebody may have changed it since.
            await rollout.ChangeAsync(
                table => (table.Canary?.Version ?? table.Base) == version
                    ? table.Rollback(new TrafficAsk("guard", $"version {version}: {reason}", clock.GetUtcNow()))
                    : throw new TrafficException("it has lost its traffic already"),
                needs: 0,
                cancellation);
        }
        catch (TrafficException)
        {
            // Somebody, or another replica's guard, was quicker.
        }
        catch (BundleException error)
        {
            LogNotRolledBack(name, version, error.Message);
        }
    }

    // And has been so for as long as its figures go back: those of before say nothing of those of now.
    private static bool IsCalibrated(LoadedModel model) => model.Calibration.IsCalibrated && model.Statistics.Scale == model.Calibration.Scale;

    [LoggerMessage(EventId = 2010, Level = LogLevel.Warning, Message = "Model '{Model}' version {Version} is out of bounds and loses its traffic: {Reason}")]
    private partial void LogOutOfBounds(string model, long version, string reason);

    [LoggerMessage(EventId = 2011, Level = LogLevel.Error, Message = "Model '{Model}' version {Version} is out of bounds and could not be rolled back: {Reason}")]
    private partial void LogNotRolledBack(string model, long version, string reason);
}

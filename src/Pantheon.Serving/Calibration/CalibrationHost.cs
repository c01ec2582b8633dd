using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;

namespace Pantheon.Serving.Calibration;

/// <summary>
/// Keeps calibration in motion: every few seconds the frozen baselines are read again, moments go to and come from the store, and every
/// loaded version takes what was measured for what it is calibrated by. A baseline is read at once where the store says that it changed.
/// </summary>
internal sealed partial class CalibrationHost(
    ServingOptions options, ModelCatalog catalog, FrozenBaselines baselines, SharedMoments shared, ExposureHost exposures, TimeProvider clock, ILogger<CalibrationHost> logger)
    : BackgroundService
{
    private readonly Dictionary<string, string?> _problems = new(StringComparer.Ordinal);
    // One after the other: what was known before must not take the place of what is known now.
    private readonly Lock _updating = new();
    private Task _refreshing = Task.CompletedTask;
    private Task _exchanging = Task.CompletedTask;

    /// <summary>Reads a model's baseline again and brings its versions up to date.</summary>
    public async Task RefreshAsync(string model, CancellationToken cancellation)
    {
        await baselines.RefreshAsync(model, cancellation);
        Update(model);
    }

    // With what was measured, and with the baseline as it was read last.
    private void Update(string name)
    {
        lock (_updating)
        {
            var baseline = baselines.Known(name);
            foreach (var model in catalog.Models.FirstOrDefault(served => served.Name == name)?.Versions.Values ?? [])
            {
                var calibration = model.Calibration;
                var scale = calibration.Scale;
                calibration.Update(baseline);
                if (calibration.Scale != scale)
                {
                    var (source, number) = (calibration.Slot("").Source, baseline?.Version ?? 0);
                    LogScale(model.Name, model.Version, source, number);
                }
            }

            Report(name);
        }
    }

    /// <summary>Exchanges moments through the store, if there is one, and waits for it.</summary>
    public Task ExchangeAsync(IReadOnlyCollection<LoadedModel> models, CancellationToken cancellation) =>
        exposures.Store is { } store ? shared.ExchangeAsync(store.Notes, models, cancellation) : Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        try
        {
            await Task.WhenAll(TickAsync(stoppingToken), baselines.WatchAsync(model => RefreshAsync(model, stoppingToken), stoppingToken));
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is going down.
        }

        await Task.WhenAll(_refreshing, _exchanging);
    }

    // Neither is waited for: a store that hangs must not keep what is measured here from being used.
    private async Task TickAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Calibration.UpdateSeconds), clock);
        while (await timer.WaitForNextTickAsync(stopping))
        {
            var models = catalog.Models;
            if (_refreshing.IsCompleted)
            {
                _refreshing = RefreshAsync([.. models.Select(served => served.Name)], stopping);
            }
            else
            {
                foreach (var served in models)
                {
                    Update(served.Name);
                }
            }

            if (_exchanging.IsCompleted)
            {
                _exchanging = ExchangeAsync([.. models.SelectMany(served => served.Versions.Values)], stopping);
            }
        }
    }

    private async Task RefreshAsync(IReadOnlyCollection<string> models, CancellationToken stopping)
    {
        try
        {
            foreach (var model in models)
            {
                await RefreshAsync(model, stopping);
            }
        }
        catch (OperationCanceledException) when (stopping.IsCancellationRequested)
        {
            // The service is going down.
        }
    }

    // Each problem once, and its end.
    private void Report(string model)
    {
        var problem = baselines.ProblemOf(model)?.Message;
        var last = _problems.GetValueOrDefault(model);
        if (problem != last)
        {
            _problems[model] = problem;
            if (problem is null)
            {
                LogReadable(model);
            }
            else
            {
                LogUnreadable(model, problem);
            }
        }
    }

    [LoggerMessage(EventId = 2401, Level = LogLevel.Error, Message = "The frozen baseline of model '{Model}' cannot be read; what was read before holds: {Reason}")]
    private partial void LogUnreadable(string model, string reason);

    [LoggerMessage(EventId = 2402, Level = LogLevel.Information, Message = "The frozen baseline of model '{Model}' can be read again")]
    private partial void LogReadable(string model);

    [LoggerMessage(EventId = 2407, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} is calibrated by other moments of its own ({Source}), to baseline {Baseline} (0: its manifest's)")]
    private partial void LogScale(string model, long version, OwnMoments source, long baseline);
}

using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;

namespace Pantheon.Serving.Calibration;

/// <summary>
/// Keeps calibration in motion: every few seconds the frozen baselines are read again, moments go to and come from the store, and every
/// loaded version takes what was measured for what it is calibrated by.
/// </summary>
internal sealed partial class CalibrationHost(
    ServingOptions options, ModelCatalog catalog, FrozenBaselines baselines, SharedMoments shared, ExposureHost exposures, TimeProvider clock, ILogger<CalibrationHost> logger)
    : BackgroundService
{
    private readonly Dictionary<string, string?> _problems = new(StringComparer.Ordinal);
    private Task _exchanging = Task.CompletedTask;

    /// <summary>Reads a model's baseline again and brings its versions up to date.</summary>
    public void Update(ServedModel served)
    {
        var baseline = baselines.Refresh(served.Name);
        foreach (var model in served.Versions.Values)
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
    }

    /// <summary>Exchanges moments through the store, if there is one, and waits for it.</summary>
    public Task ExchangeAsync(IReadOnlyCollection<LoadedModel> models, CancellationToken cancellation) =>
        exposures.Store is { } store ? shared.ExchangeAsync(store.Notes, models, cancellation) : Task.CompletedTask;

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Calibration.UpdateSeconds), clock);
        try
        {
            while (await timer.WaitForNextTickAsync(stoppingToken))
            {
                var models = catalog.Models;
                foreach (var served in models)
                {
                    Update(served);
                    Report(served.Name);
                }

                // Not waited for: a store that hangs must not keep what is measured here from being used.
                if (_exchanging.IsCompleted)
                {
                    _exchanging = ExchangeAsync([.. models.SelectMany(served => served.Versions.Values)], stoppingToken);
                }
            }
        }
        catch (OperationCanceledException) when (stoppingToken.IsCancellationRequested)
        {
            // The service is going down.
        }

        await _exchanging;
    }

    // Each problem once, and its end.
    private void Report(string model)
    {
        var problem = baselines.ProblemOf(model);
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

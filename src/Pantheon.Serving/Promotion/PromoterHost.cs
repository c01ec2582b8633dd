using System.Diagnostics.Metrics;
using Pantheon.Bundles;
using Pantheon.Exposures.Stores;
using Pantheon.Promotion;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;
using Pantheon.Serving.Models;

namespace Pantheon.Serving.Promotion;

/// <summary>A promoter beside the service, if settings want one. Whatever becomes of it, what serves goes on serving.</summary>
internal sealed partial class PromoterHost(
    ServingOptions options, ExposureHost exposures, ModelHost models, ModelRepository repository, IMeterFactory meters, TimeProvider clock, ILogger<PromoterHost> logger) : BackgroundService
{
    private static readonly TimeSpan s_wait = TimeSpan.FromSeconds(1);

    /// <summary>The configuration; null: no promoter is wanted.</summary>
    /// <exception cref="ConfigurationException">It is wrong, or there is nothing to learn from.</exception>
    public static PromoterOptions? Read(ServingOptions options)
    {
        if (options.Promotion.Config.Length == 0)
        {
            return null;
        }

        if (options.Exposures.Store == ExposureStoreKind.None)
        {
            throw new ConfigurationException($"setting {ServingOptions.Section}:Promotion:Config: got '{options.Promotion.Config}' with Exposures:Store=None, expected a store: a promoter learns from exposures");
        }

        try
        {
            return PromoterOptions.Read(options.Promotion.Config);
        }
        catch (ArgumentException error)
        {
            throw new ConfigurationException($"setting {ServingOptions.Section}:Promotion:Config: {error.Message}");
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        if (Read(options) is not { } promotion)
        {
            return;
        }

        var metrics = new PromoterMetrics(meters, promotion.Model);
        // Off the thread that starts the service.
        await Task.Yield();
        try
        {
            while (exposures.Store is null)
            {
                await Task.Delay(s_wait, clock, stoppingToken);
            }

            await RunAsync(promotion, exposures.Store, metrics, stoppingToken);
        }
        catch (OperationCanceledException)
        {
            // The service is going down.
        }
#pragma warning disable CA1031 // A learner, however it ends, must not take the service with it.
        catch (Exception error)
#pragma warning restore CA1031
        {
            metrics.Ended();
            LogEnded(error);
        }
    }

    private Task RunAsync(PromoterOptions promotion, IExposureStore store, PromoterMetrics metrics, CancellationToken stoppingToken)
    {
        var from = clock.GetUtcNow().AddDays(-1);
        return Promoter.RunAsync(
            () => new Promoter(
                promotion, new PromoterPlace(repository, options.Promotion.State, Environment.MachineName, "pantheon-serving"), store, new LocalModelControl(models, clock), from, clock,
                entry =>
                {
                    metrics.Wrote(entry);
                    LogEntry(entry.Event, entry.Version ?? 0, entry.Text);
                }),
            TimeSpan.FromSeconds(options.Promotion.PollSeconds), clock, LogLater, stoppingToken);
    }

    [LoggerMessage(EventId = 2501, Level = LogLevel.Information, Message = "Promoter: {Event} (version {Version}): {Text}")]
    private partial void LogEntry(PromotionEvent @event, long version, string text);

    [LoggerMessage(EventId = 2502, Level = LogLevel.Warning, Message = "Promoter: {Reason}; it is tried again")]
    private partial void LogLater(string reason);

    [LoggerMessage(EventId = 2503, Level = LogLevel.Error, Message = "The promoter ended; what serves goes on serving, and nothing is promoted until the service is started again")]
    private partial void LogEnded(Exception error);
}

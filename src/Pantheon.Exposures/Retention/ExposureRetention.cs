using Microsoft.Extensions.Logging;
using Pantheon.Exposures.Stores;

namespace Pantheon.Exposures.Retention;

/// <summary>Trims a store at the start and at every interval. Several replicas may do so to one store.</summary>
public sealed partial class ExposureRetention : IAsyncDisposable
{
    private readonly IExposureStore _store;
    private readonly RetentionOptions _options;
    private readonly ILogger<ExposureRetention> _logger;
    private readonly TimeProvider _time;
    private readonly CancellationTokenSource _stopping = new();
    private readonly Task _loop;

    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    public ExposureRetention(IExposureStore store, RetentionOptions options, ILogger<ExposureRetention> logger, TimeProvider? time = null)
    {
        options.Validate();
        (_store, _options, _logger, _time) = (store, options, logger, time ?? TimeProvider.System);
        _loop = options.Keep is { } keep ? Task.Run(() => LoopAsync(keep)) : Task.CompletedTask;
    }

    /// <summary>Stops; a trim that is under way ends first.</summary>
    public async ValueTask DisposeAsync()
    {
        await _stopping.CancelAsync().ConfigureAwait(false);
        await _loop.ConfigureAwait(false);
    }

    private async Task LoopAsync(TimeSpan keep)
    {
        try
        {
            while (true)
            {
                await TrimAsync(keep).ConfigureAwait(false);
                await Task.Delay(_options.Interval, _time, _stopping.Token).ConfigureAwait(false);
            }
        }
        catch (OperationCanceledException) when (_stopping.IsCancellationRequested)
        {
            // Stopped.
        }
    }

    private async Task TrimAsync(TimeSpan keep)
    {
        try
        {
            var removed = await _store.TrimAsync(_time.GetUtcNow() - keep, _stopping.Token).ConfigureAwait(false);
            if (removed != default)
            {
                LogTrimmed(removed.Rankings, removed.Reports, keep.TotalDays);
            }
        }
        catch (ExposureStoreException exception)
        {
            LogFailed(exception);
        }
    }

    [LoggerMessage(3021, LogLevel.Information, "Removed {Rankings} rankings and {Reports} reports of days older than {Days:0.##} days.")]
    private partial void LogTrimmed(long rankings, long reports, double days);

    [LoggerMessage(3022, LogLevel.Warning, "Exposures that are older than they are to be kept could not be removed; it is tried again at the next interval.")]
    private partial void LogFailed(Exception exception);
}

using Pantheon.Serving.Configuration;
using Pantheon.Serving.Health;

namespace Pantheon.Serving;

/// <summary>
/// The first step of going down: readiness goes off, and load balancers get their time to notice, while requests are
/// still answered. Only then does Kestrel tell connections to go away and wait for what is in flight.
/// </summary>
internal sealed partial class Drain(ServingOptions options, HealthState health, TimeProvider clock, ILogger<Drain> logger) : IHostedLifecycleService, IDisposable
{
    private readonly CancellationTokenSource _over = new();

    /// <summary>
    /// Cancelled when the delay is over and streams should end. The host's own ApplicationStopping is cancelled by SIGTERM
    /// itself, before the delay, while callers are still to be answered.
    /// </summary>
    public CancellationToken Over => _over.Token;

    public async Task StoppingAsync(CancellationToken cancellationToken)
    {
        health.Shutdown();
        LogDraining(options.DrainDelaySeconds, options.ShutdownSeconds);
        try
        {
            await Task.Delay(TimeSpan.FromSeconds(options.DrainDelaySeconds), clock, cancellationToken);
        }
        catch (OperationCanceledException)
        {
            // The host's patience ended first; it goes on with what is left.
        }

        await _over.CancelAsync();
    }

    public void Dispose() => _over.Dispose();

    public Task StartingAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StartedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StopAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    public Task StoppedAsync(CancellationToken cancellationToken) => Task.CompletedTask;

    [LoggerMessage(EventId = 2101, Level = LogLevel.Information, Message = "Going down: not ready any more; connections are told in {DelaySeconds} s, requests in flight have {ShutdownSeconds} s")]
    private partial void LogDraining(double delaySeconds, double shutdownSeconds);
}

using System.Collections.Concurrent;
using Pantheon.Bundles;

namespace Pantheon.Scoring.Calibration;

/// <summary>
/// The models' frozen baselines as they were read last. One that cannot be read changes nothing: what was read before holds.
/// Safe for use by many threads.
/// </summary>
/// <param name="place">Where they are.</param>
public sealed class FrozenBaselines(IBaselines place) : IDisposable
{
    private readonly ConcurrentDictionary<string, Found> _found = new(StringComparer.Ordinal);

    // One after the other: what was read before a change must not take the place of what was written.
    private readonly SemaphoreSlim _turn = new(1);

    /// <summary>A model's, read now if it never was, which takes as long as the place does; null: it has none, or none is known.</summary>
    public FrozenBaseline? Of(string model)
    {
        if (!_found.ContainsKey(model))
        {
            RefreshAsync(model).GetAwaiter().GetResult();
        }

        return Known(model);
    }

    /// <summary>A model's as it was read last, at once; null: it has none, or none is known.</summary>
    public FrozenBaseline? Known(string model) => _found.GetValueOrDefault(model)?.Baseline;

    /// <summary>Why a model's could not be read: <see cref="BundleException"/> or <see cref="BaselineAwayException"/>; null: it could.</summary>
    public Exception? ProblemOf(string model) => _found.GetValueOrDefault(model)?.Problem;

    /// <summary>Reads a model's again.</summary>
    public async Task RefreshAsync(string model, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            _found[model] = new Found(await place.ReadAsync(model, cancellation).ConfigureAwait(false), null);
        }
        catch (Exception error) when (error is BundleException or BaselineAwayException)
        {
            _found[model] = new Found(Known(model), error);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Replaces a model's, for all who share the place.</summary>
    /// <exception cref="BundleException">Somebody else was quicker, or the disk refuses; nothing changed.</exception>
    /// <exception cref="BaselineAwayException">The place cannot be reached now.</exception>
    public async Task WriteAsync(string model, FrozenBaseline baseline, CancellationToken cancellation = default)
    {
        await _turn.WaitAsync(cancellation).ConfigureAwait(false);
        try
        {
            await place.WriteAsync(model, baseline, cancellation).ConfigureAwait(false);
            _found[model] = new Found(baseline, null);
        }
        finally
        {
            _turn.Release();
        }
    }

    /// <summary>Calls for each model whose baseline changed, where the place tells it, until it is cancelled.</summary>
    public Task WatchAsync(Func<string, Task> changed, CancellationToken cancellation) => place.WatchAsync(changed, cancellation);

    public void Dispose() => _turn.Dispose();

    private sealed record Found(FrozenBaseline? Baseline, Exception? Problem);
}

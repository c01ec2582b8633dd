using System.Buffers.Binary;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores;

namespace Pantheon.Exposures.Recording;

/// <summary>
/// Takes rankings from the serving path and stores them in batches behind its back. It never makes a ranking wait or fail: what the
/// store cannot keep up with waits, up to a bound, and is then dropped and counted. When the store fails, what waits is kept and
/// tried again. Whoever is not told that a ranking is stored has no word that it is: a kill -9 loses what waits.
/// </summary>
public sealed class ExposureLog : IAsyncDisposable
{
    private readonly IExposureStore _store;
    private readonly ExposureLogOptions _options;
    private readonly TimeProvider _time;
    private readonly ILogger<ExposureLog> _logger;
    private readonly ExposureLogMetrics _metrics;
    private readonly ExposureQueue _queue;
    private readonly CancellationTokenSource _stopping = new();
    private readonly CancellationTokenSource _givingUp = new();
    private readonly Task _loop;
    private long _dropped;
    private int _overflowing;
    private volatile bool _failing;
    private int _disposed;

    /// <param name="store">Where to; it is not disposed with the log.</param>
    /// <param name="options">How much may wait.</param>
    /// <param name="meters">Gives the meter <c>Pantheon.Exposures</c>.</param>
    /// <param name="logger">Hears of an outage once, and of its end.</param>
    /// <param name="time">The clock of pauses and durations.</param>
    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    public ExposureLog(IExposureStore store, ExposureLogOptions options, IMeterFactory meters, ILogger<ExposureLog> logger, TimeProvider? time = null)
    {
        options.Validate();
        (_store, _options, _logger, _time) = (store, options, logger, time ?? TimeProvider.System);
        _queue = new ExposureQueue(options.Capacity, options.CapacityBytes);
        _metrics = new ExposureLogMetrics(meters, () => _queue.Count, () => _queue.Bytes);
        _loop = Task.Run(LoopAsync);
    }

    /// <summary>Rankings dropped since the start, for whatever reason.</summary>
    public long Dropped => Interlocked.Read(ref _dropped);

    /// <summary>Rankings that wait.</summary>
    public long Waiting => _queue.Count;

    /// <summary>Whether this ranking is to be stored with its features; ask before collecting them.</summary>
    public bool WantsFeatures(Guid rankingId)
    {
        // The last 62 bits of a version 7 id are random; the multiplication and the shift spread those of ids from a counter, too.
        Span<byte> bytes = stackalloc byte[16];
        rankingId.TryWriteBytes(bytes, bigEndian: true, out _);
        var mixed = BinaryPrimitives.ReadUInt64BigEndian(bytes[8..]) * 0x9E3779B97F4A7C15;
        mixed = (mixed ^ (mixed >> 32)) * 0xD6E8FEB86659FD93;
        return (mixed >> 11) * (1.0 / (1UL << 53)) < _options.FeaturesShare;
    }

    /// <summary>Takes a ranking to be stored, at once. Features that are not wanted are left out.</summary>
    /// <returns>False if it was dropped.</returns>
    public bool TryWrite(Ranking ranking)
    {
        if (RankingRules.Check(ranking) is not null)
        {
            Drop(DropReason.Invalid, 1);
            return false;
        }

        if (!ranking.Features.IsEmpty && !WantsFeatures(ranking.Id))
        {
            ranking = ranking with { Features = default };
        }

        if (_queue.TryAdd(ranking, out var full))
        {
            return true;
        }

        Drop(full ? DropReason.Full : DropReason.Stopped, 1);
        if (full && !_failing && Interlocked.Exchange(ref _overflowing, 1) == 0)
        {
            ExposureLogEvents.Overflowed(_logger);
        }

        return false;
    }

    /// <summary>Waits until every ranking taken before is stored, or dropped.</summary>
    /// <exception cref="ObjectDisposedException">The log has stopped.</exception>
    public Task FlushAsync(CancellationToken cancellation = default)
    {
        var passed = new TaskCompletionSource(TaskCreationOptions.RunContinuationsAsynchronously);
        return _queue.TryPass(passed)
            ? passed.Task.WaitAsync(cancellation)
            : throw new ObjectDisposedException(nameof(ExposureLog), "the log has stopped");
    }

    /// <summary>Deletes a user's data, with what of it waits here. Other replicas' logs may hold more for as long as their queues are long.</summary>
    /// <exception cref="ExposureStoreException">The store cannot do it.</exception>
    public async Task<Removed> DeleteUserAsync(string userKey, CancellationToken cancellation = default)
    {
        await FlushAsync(cancellation).ConfigureAwait(false);
        return await _store.DeleteUserAsync(userKey, cancellation).ConfigureAwait(false);
    }

    /// <summary>Takes no more, and waits up to <see cref="ExposureLogOptions.StopTimeout"/> until what waits is stored.</summary>
    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.End();
        await _stopping.CancelAsync().ConfigureAwait(false);
        try
        {
            await _loop.WaitAsync(_options.StopTimeout, _time).ConfigureAwait(false);
        }
        catch (TimeoutException)
        {
            await _givingUp.CancelAsync().ConfigureAwait(false);
        }

        // A store that hangs holds the loop, and not those who stop.
        if (_queue.Count is > 0 and var left)
        {
            Drop(DropReason.Stopped, left);
            ExposureLogEvents.StoppedEarly(_logger, left);
        }

        _metrics.Dispose();
    }

    private async Task LoopAsync()
    {
        List<Ranking> batch = new(_options.BatchSize);
        while (!_givingUp.IsCancellationRequested && await _queue.WaitAsync(CancellationToken.None).ConfigureAwait(false))
        {
            if (_queue.Count < _options.BatchSize)
            {
                await PauseAsync(_options.Linger, _stopping.Token).ConfigureAwait(false);
            }

            _queue.Take(batch, _options.BatchSize);
            if (await StoreAsync(batch).ConfigureAwait(false))
            {
                _queue.Release(batch);
            }

            batch.Clear();
            if (_queue.Count <= _options.Capacity / 2 && _queue.Bytes <= _options.CapacityBytes / 2)
            {
                // What comes next is another overload, and worth another line.
                Volatile.Write(ref _overflowing, 0);
            }
        }

        _queue.Abandon();
    }

    // Tries until the store takes it, can never take it, or the log gives up.
    private async Task<bool> StoreAsync(List<Ranking> batch)
    {
        var (delay, began, dropped) = (_options.RetryDelay, 0L, Dropped);
        for (var failed = false; ; failed = true)
        {
            if (batch.Count == 0)
            {
                return true;
            }

            var start = _time.GetTimestamp();
            try
            {
                await _store.AppendAsync(batch, _givingUp.Token).ConfigureAwait(false);
                _metrics.Wrote(_time.GetElapsedTime(start), stored: true);
                _metrics.Logged(batch.Count);
                if (failed)
                {
                    _failing = false;
                    ExposureLogEvents.OutageEnded(_logger, _time.GetElapsedTime(began).TotalSeconds, Dropped - dropped);
                }

                return true;
            }
            catch (OperationCanceledException) when (_givingUp.IsCancellationRequested)
            {
                return false;
            }
            catch (ArgumentException exception)
            {
                // Each was checked on its way in, so this is a bug; it must not stop the log for good.
                Drop(DropReason.Invalid, batch.Count);
                ExposureLogEvents.Refused(_logger, exception, batch.Count);
                return true;
            }
#pragma warning disable CA1031 // A store of any kind may fail in any way, and be well again.
            catch (Exception exception)
#pragma warning restore CA1031
            {
                _metrics.Wrote(_time.GetElapsedTime(start), stored: false);
                if (!failed)
                {
                    (began, _failing) = (start, true);
                    ExposureLogEvents.OutageBegan(_logger, exception, _options.Capacity);
                }
            }

            if (!await PauseAsync(delay, _givingUp.Token).ConfigureAwait(false))
            {
                return false;
            }

            delay = delay * 2 < _options.MaxRetryDelay ? delay * 2 : _options.MaxRetryDelay;
        }
    }

    private async Task<bool> PauseAsync(TimeSpan time, CancellationToken cancellation)
    {
        try
        {
            await Task.Delay(time, _time, cancellation).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException)
        {
            return false;
        }
    }

    private void Drop(DropReason reason, long count)
    {
        Interlocked.Add(ref _dropped, count);
        _metrics.Dropped(reason, count);
    }
}

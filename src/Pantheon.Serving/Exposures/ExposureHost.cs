using System.Buffers;
using System.Diagnostics.Metrics;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Recording;
using Pantheon.Exposures.Retention;
using Pantheon.Exposures.Stores;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.TopK;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Ranking;
using StoredRanking = Pantheon.Exposures.Rankings.Ranking;

namespace Pantheon.Serving.Exposures;

/// <summary>
/// Owns the store of exposures for as long as the service runs: opens it, hands every answer to the log, and lets go of old ones. A
/// store that cannot be opened is tried again until it can; the service serves meanwhile and stores nothing.
/// </summary>
internal sealed partial class ExposureHost(ServingOptions options, ModelCatalog catalog, IMeterFactory meters, TimeProvider clock, ILoggerFactory loggers) : BackgroundService, IRankingSink
{
    private static readonly TimeSpan s_retry = TimeSpan.FromSeconds(5);

    // A reading takes milliseconds. What takes longer than this is away, for whoever asked for a change.
    private static readonly TimeSpan s_patience = TimeSpan.FromSeconds(5);

    private readonly ILogger _logger = loggers.CreateLogger<ExposureHost>();
    private volatile Opened? _opened;
    private volatile string? _problem;

    /// <summary>Whether settings want exposures stored.</summary>
    public bool IsWanted => options.Exposures.Store != ExposureStoreKind.None;

    /// <summary>Where reports go; null while there is none.</summary>
    public IExposureStore? Store => _opened?.Store;

    /// <summary>Why there is none, in a sentence for the operator; null while there is one, or it is being opened for the first time.</summary>
    public string? Problem => _problem;

    /// <summary>Where answers go; null while there is none.</summary>
    public ExposureLog? Log => _opened?.Log;

    /// <summary>Gives a request its ranking id, and keeps it as it came if its features are to be stored, or a shadow may score it.</summary>
    public void Keep(RankQuery query, ReadOnlySequence<byte> request)
    {
        var isWanted = catalog.HasShadow;
        if (_opened is { } opened)
        {
            query.RankingId = RankingId.New(clock.GetUtcNow());
            isWanted |= opened.Log.WantsFeatures(query.RankingId);
        }

        if (isWanted)
        {
            query.Payload = request.ToArray();
        }
    }

    /// <summary>Asks the store's notes, for a few seconds at most.</summary>
    /// <exception cref="ExposureStoreException">The store cannot do it now, or nobody knows whether it did.</exception>
    public async Task<T> AskAsync<T>(Func<ISharedNotes, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        var store = Store ?? throw new ExposureStoreException($"the store is not open: {Problem ?? "the service has only begun"}");
        using var limit = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        limit.CancelAfter(s_patience);
        try
        {
            return await ask(store.Notes, limit.Token);
        }
        catch (OperationCanceledException error) when (!cancellation.IsCancellationRequested)
        {
            throw new ExposureStoreException($"the store gave no answer within {s_patience.TotalSeconds} s", error);
        }
        catch (ObjectDisposedException error)
        {
            throw new ExposureStoreException("the server is going down: try another one", error);
        }
    }

    /// <summary>Calls for each note whose key begins so and that the store says has changed, until it is cancelled; while the store is away nothing is said.</summary>
    public async Task FollowAsync(string prefix, Func<string, Task> changed, CancellationToken cancellation)
    {
        while (true)
        {
            try
            {
                if (Store is { } store)
                {
                    await foreach (var key in store.Notes.WatchAsync(cancellation))
                    {
                        if (key.StartsWith(prefix, StringComparison.Ordinal))
                        {
                            await changed(key);
                        }
                    }
                }
            }
            catch (ExposureStoreException)
            {
                // Whoever follows looks besides, and says so.
            }

            await Task.Delay(TimeSpan.FromSeconds(options.Rollout.PollSeconds), clock, cancellation);
        }
    }

    /// <inheritdoc/>
    public void Ranked(RankResult result)
    {
        var query = result.Query;
        if (_opened is not { } opened || query.RankingId == default)
        {
            return;
        }

        var ids = query.Ids.Span<long>();
        var items = new RankedExposure[result.Count];
        for (var rank = 0; rank < items.Length; rank++)
        {
            var position = TopKSelector.Position(result.Keys[rank]);
            items[rank] = new RankedExposure(position, ids.IsEmpty ? 0 : ids[position], result.Scores[position], result.Propensity);
        }

        // Whether it is stored or dropped, the answer has its id: feedback on what was dropped is counted as such.
        result.RankingId = query.RankingId;
        opened.Log.TryWrite(new StoredRanking
        {
            Id = query.RankingId,
            RequestId = query.RequestId,
            UserKey = query.UserKey,
            Scenario = query.Scenario,
            Model = result.Model.Name,
            Version = result.Model.Version,
            Digest = result.Model.Bundle.Digest,
            Arm = (RankingArm)result.Arm,
            Explored = result.Explored,
            Candidates = result.Candidates,
            Items = items,
            Features = query.Payload,
        });
    }

    /// <inheritdoc/>
    public override async Task StopAsync(CancellationToken cancellationToken)
    {
        await base.StopAsync(cancellationToken);
        if (Interlocked.Exchange(ref _opened, null) is { } opened)
        {
            await opened.DisposeAsync();
        }
    }

    /// <inheritdoc/>
    protected override async Task ExecuteAsync(CancellationToken stoppingToken)
    {
        RankDecoder.Keeper = Keep;
        if (!IsWanted)
        {
            return;
        }

        for (var isFirst = true; !stoppingToken.IsCancellationRequested; isFirst = false)
        {
            try
            {
                var store = await OpenAsync(stoppingToken);
                _opened = new Opened(
                    store,
                    new ExposureLog(store, options.Exposures.Log, meters, loggers.CreateLogger<ExposureLog>(), clock),
                    new ExposureRetention(store, options.Exposures.Retention, loggers.CreateLogger<ExposureRetention>(), clock));
                _problem = null;
                LogOpened(options.Exposures.Store);
                return;
            }
            catch (ExposureStoreException error)
            {
                _problem = error.Message;
                if (isFirst)
                {
                    LogNotOpened(options.Exposures.Store, error.Message);
                }

                await Task.Delay(s_retry, clock, stoppingToken);
            }
        }
    }

    private Task<IExposureStore> OpenAsync(CancellationToken cancellation) => options.Exposures.Store == ExposureStoreKind.Sqlite
        ? Task.Run(() => ExposureStores.OpenSqlite(new() { Path = options.Exposures.Path }, clock), cancellation)
        : ExposureStores.OpenPostgresAsync(new() { ConnectionString = options.Exposures.ConnectionString }, clock, cancellation);

    [LoggerMessage(EventId = 2301, Level = LogLevel.Information, Message = "Exposures are stored: {Store}")]
    private partial void LogOpened(ExposureStoreKind store);

    [LoggerMessage(EventId = 2302, Level = LogLevel.Error, Message = "Exposures are not stored, as the store ({Store}) cannot be opened; it is tried again every 5 s: {Reason}")]
    private partial void LogNotOpened(ExposureStoreKind store, string reason);

    private sealed record Opened(IExposureStore Store, ExposureLog Log, ExposureRetention Retention) : IAsyncDisposable
    {
        // What waits in the log goes into the store before that is closed.
        public async ValueTask DisposeAsync()
        {
            await Retention.DisposeAsync();
            await Log.DisposeAsync();
            await Store.DisposeAsync();
        }
    }
}

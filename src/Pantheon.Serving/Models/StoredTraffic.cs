using System.Collections.Immutable;
using System.Text;
using Pantheon.Bundles;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Stores;
using Pantheon.Serving.Configuration;
using Pantheon.Serving.Exposures;

namespace Pantheon.Serving.Models;

/// <summary>
/// Traffic tables as notes of the store that replicas share, under <c>traffic/MODEL</c>; a table's revision is its note's. They are read
/// when the store says that one changed, and every <c>Rollout:PollSeconds</c> in case it did not; whoever asks what is known never waits for
/// that. While the store is away what was declared last still holds, after a restart too: a copy of it lies on this machine. A table that is
/// gone from the store does not end what it declared.
/// </summary>
internal sealed partial class StoredTraffic(ServingOptions options, ExposureHost exposures, TimeProvider clock, ILogger<StoredTraffic> logger) : BackgroundService, ITrafficTables
{
    private const string Prefix = "traffic/";

    private readonly TrafficCopy _copy = new(options.Rollout.TableCopy);
    private readonly Lock _sync = new();
    private readonly Lock _copying = new();
    private ImmutableDictionary<string, Entry> _entries = ImmutableDictionary.Create<string, Entry>(StringComparer.Ordinal);
    private bool _isKnown;
    private string? _outage;
    private string? _copyProblem;
    private long _ticket;
    private long _newest;

    /// <inheritdoc/>
    public event Action<string>? Changed;

    /// <inheritdoc/>
    public DeclaredTraffic Known(string model)
    {
        lock (_sync)
        {
            return _entries.TryGetValue(model, out var entry)
                ? new DeclaredTraffic(entry.Table, entry.Problem ?? _outage)
                : new DeclaredTraffic(null, _outage, _isKnown);
        }
    }

    /// <inheritdoc/>
    public async Task<TrafficTable?> ReadAsync(string model, CancellationToken cancellation) =>
        await AskAsync((notes, limit) => notes.ReadAsync(Prefix + model, limit), cancellation) is { } note ? Parse(model, note) : null;

    /// <inheritdoc/>
    public async Task WriteAsync(string model, TrafficTable table, CancellationToken cancellation)
    {
        var written = await AskAsync((notes, limit) => notes.WriteAsync(Prefix + model, Encoding.UTF8.GetString(table.ToJson()), table.Revision - 1, limit), cancellation)
            ?? throw new TrafficConflictException($"{Prefix}{model}: it is not at revision {table.Revision - 1}: somebody else changed it meanwhile");
        lock (_sync)
        {
            // Whatever began to be read before this says nothing of it.
            _newest = ++_ticket;
            _entries = _entries.SetItem(model, new Entry(new NoteId(written, null), table, null));
        }

        SaveCopy();
    }

    /// <inheritdoc/>
    protected override Task ExecuteAsync(CancellationToken stoppingToken) =>
        Task.WhenAll(PollAsync(stoppingToken), exposures.FollowAsync(Prefix, _ => RefreshAsync(stoppingToken), stoppingToken));

    private async Task PollAsync(CancellationToken stopping)
    {
        using var timer = new PeriodicTimer(TimeSpan.FromSeconds(options.Rollout.PollSeconds), clock);
        do
        {
            await RefreshAsync(stopping);
        }
        while (await timer.WaitForNextTickAsync(stopping));
    }

    private async Task RefreshAsync(CancellationToken stopping)
    {
        if (!_isKnown && exposures is { Store: null, Problem: null })
        {
            // Still being opened for the first time.
            return;
        }

        var ticket = Interlocked.Increment(ref _ticket);
        List<string> changed;
        try
        {
            changed = Take(ticket, await AskAsync((notes, limit) => notes.ListAsync(Prefix, limit), stopping));
        }
        catch (BundleException error)
        {
            changed = Miss(error.Message);
        }

        foreach (var model in changed)
        {
            Changed?.Invoke(model);
        }
    }

    // What a reading found, unless a later one was quicker.
    private List<string> Take(long ticket, IReadOnlyList<Note> notes)
    {
        List<string> changed = [];
        var tablesChanged = false;
        lock (_sync)
        {
            if (ticket < _newest)
            {
                return [];
            }

            (_newest, _outage) = (ticket, null);
            var seen = new HashSet<string>(StringComparer.Ordinal);
            foreach (var note in notes)
            {
                var model = note.Key[Prefix.Length..];
                seen.Add(model);
                var before = _entries.GetValueOrDefault(model);
                if (before?.Note is { } known && known.Revision == note.Revision && (known.Written ?? note.Written) == note.Written && before.Problem is null)
                {
                    continue;
                }

                var entry = Judge(model, note, before);
                tablesChanged |= entry.Table != before?.Table;
                _entries = _entries.SetItem(model, entry);
                changed.Add(model);
            }

            foreach (var (model, entry) in _entries.Where(pair => !seen.Contains(pair.Key) && pair.Value.Table is not null))
            {
                _entries = _entries.SetItem(model, entry with { Problem = $"{Prefix}{model}: it is gone from the store; what it declared at revision {entry.Table!.Revision} still holds" });
            }

            tablesChanged |= !_isKnown;
            _isKnown = true;
        }

        if (tablesChanged)
        {
            SaveCopy();
        }

        return changed;
    }

    // The store is away: what was known here last holds, if need be from before this process began.
    private List<string> Miss(string reason)
    {
        lock (_sync)
        {
            _outage = reason;
            if (_isKnown)
            {
                return [];
            }

            try
            {
                if (_copy.Read() is not { } tables)
                {
                    return [];
                }

                foreach (var (model, table) in tables)
                {
                    _entries = _entries.SetItem(model, new Entry(null, table, null));
                }

                _isKnown = true;
                LogFromCopy(options.Rollout.TableCopy, reason);
                return [.. tables.Keys];
            }
            catch (BundleException error)
            {
                _outage = $"{reason}; nor is there a copy: {error.Message}";
                return [];
            }
        }
    }

    private static Entry Judge(string model, Note note, Entry? before)
    {
        var id = new NoteId(note.Revision, note.Written);
        try
        {
            return new Entry(id, Parse(model, note), null);
        }
        catch (BundleException error)
        {
            return new Entry(id, before?.Table, error.Message);
        }
    }

    private static TrafficTable Parse(string model, Note note) =>
        TrafficTable.Parse(Encoding.UTF8.GetBytes(note.Text), Prefix + model) with { Revision = note.Revision };

    private void SaveCopy()
    {
        // One after the other, each with what is newest by then.
        lock (_copying)
        {
            ImmutableDictionary<string, Entry> entries;
            lock (_sync)
            {
                entries = _entries;
            }

            try
            {
                _copy.Write(entries.Where(pair => pair.Value.Table is not null).ToDictionary(pair => pair.Key, pair => pair.Value.Table!));
                _copyProblem = null;
            }
            catch (BundleException error)
            {
                if (_copyProblem != error.Message)
                {
                    _copyProblem = error.Message;
                    LogNoCopy(error.Message);
                }
            }
        }
    }

    private async Task<T> AskAsync<T>(Func<ISharedNotes, CancellationToken, Task<T>> ask, CancellationToken cancellation)
    {
        try
        {
            return await exposures.AskAsync(ask, cancellation);
        }
        catch (ExposureStoreException error)
        {
            throw new BundleException(error.Message, error);
        }
    }

    [LoggerMessage(EventId = 2015, Level = LogLevel.Warning, Message = "Traffic is as {Copy} says, a copy of what was declared last, until the store can be read: {Reason}")]
    private partial void LogFromCopy(string copy, string reason);

    [LoggerMessage(EventId = 2016, Level = LogLevel.Warning, Message = "No copy of the traffic table can be kept; started while the store is away, this replica would not know what to serve: {Reason}")]
    private partial void LogNoCopy(string reason);

    // Written is null where this replica wrote it and so was not told.
    private sealed record NoteId(long Revision, DateTimeOffset? Written);

    private sealed record Entry(NoteId? Note, TrafficTable? Table, string? Problem);
}

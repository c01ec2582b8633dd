using Microsoft.Extensions.Logging;
using Pantheon.Bundles;
using Pantheon.Scoring.Models;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// Brings about what is declared for one model: reads the repository, asks <see cref="RolloutPolicy"/>, loads on the loader's thread,
/// publishes what serves as one reference, and lets go what nobody needs once its last request is done. Whatever the repository
/// does, what serves goes on serving. Safe for use by many threads.
/// </summary>
public sealed partial class ModelRollout
{
    // Of two who change the table at once, one is told to look again; more often than this in a row is not chance.
    private const int Attempts = 10;

    private readonly string _name;
    private readonly ModelRepository _repository;
    private readonly ITrafficTables _tables;
    private readonly ModelLoader _loader;
    private readonly LoaderThread _thread;
    private readonly ModelCatalog _catalog;
    private readonly IReadOnlyCollection<long> _pinned;
    private readonly TimeProvider _clock;
    private readonly ILogger _logger;
    private readonly CancellationToken _stopping;
    private readonly Lock _sync = new();
    private readonly Dictionary<long, Entry> _known = [];
    private readonly List<long> _demanded = [];
    private IReadOnlyList<long> _onDisk = [];
    private DeclaredTraffic _declared = new(null, null, IsKnown: false);
    private string? _storageProblem;
    private long? _serving;
    private long? _before;
    private volatile RolloutView _view;

    /// <param name="name">The model.</param>
    /// <param name="repository">Its versions.</param>
    /// <param name="tables">What is declared of them.</param>
    /// <param name="pinned">Versions that settings want loaded.</param>
    /// <param name="stopping">Gives up loading.</param>
    public ModelRollout(
        string name, ModelRepository repository, ITrafficTables tables, ModelLoader loader, LoaderThread thread, ModelCatalog catalog, IReadOnlyCollection<long> pinned,
        TimeProvider clock, ILogger logger, CancellationToken stopping)
    {
        (_name, _repository, _tables, _loader, _thread, _catalog) = (name, repository, tables, loader, thread, catalog);
        (_pinned, _clock, _logger, _stopping) = (pinned, clock, logger, stopping);
        _view = Describe(new RolloutPlan(null, null, null, [], [], null), sequence: 0);
    }

    /// <summary>How things stand.</summary>
    public RolloutView View => _view;

    /// <summary>The version in service and the one before it, while both are loaded; null: none.</summary>
    public (LoadedModel? Base, LoadedModel? Canary, LoadedModel? Before) Loaded
    {
        get
        {
            lock (_sync)
            {
                LoadedModel? Of(long? version) => version is { } one ? _known.GetValueOrDefault(one)?.Model : null;
                return (Of(_view.Base), Of(_view.Canary), Of(_view.Before));
            }
        }
    }

    /// <summary>Looks at the repository and takes the next steps. Never throws for what it finds there.</summary>
    public void Reconcile()
    {
        List<LoadedModel> retired;
        lock (_sync)
        {
            ReadRepository();
            foreach (var (version, entry) in _known.Where(pair => pair.Value.State == VersionState.Failed).ToList())
            {
                // One that was still being copied when it was looked at first is worth another look.
                if (!_onDisk.Contains(version) || (entry.Fingerprint != _repository.Fingerprint(_name, version)))
                {
                    _known.Remove(version);
                }
            }

            retired = Step();
        }

        foreach (var model in retired)
        {
            _ = FreeAsync(model);
        }
    }

    /// <summary>Changes what is declared, for all who share the repository.</summary>
    /// <param name="change">From what is declared to what is to be; it may be called again if somebody else was quicker.</param>
    /// <param name="needs">A version that must be ready first: if it is refused, nothing changes. 0: none.</param>
    /// <param name="cancellation">Gives up waiting for it.</param>
    /// <returns>How things stand after it, here.</returns>
    /// <exception cref="TrafficException">It makes no sense as things stand, or the version is refused; nothing changed.</exception>
    /// <exception cref="BundleException">The repository cannot be read or written; nothing changed.</exception>
    public async Task<RolloutView> ChangeAsync(Func<TrafficTable, TrafficTable> change, long needs, CancellationToken cancellation)
    {
        // What makes no sense is said before anything is loaded for it.
        _ = change(await DeclaredAsync(cancellation).ConfigureAwait(false));
        try
        {
            if (needs != 0)
            {
                await DemandAsync(needs, cancellation).ConfigureAwait(false);
            }

            for (var attempt = 1; ; attempt++)
            {
                try
                {
                    await _tables.WriteAsync(_name, change(await DeclaredAsync(cancellation).ConfigureAwait(false)), cancellation).ConfigureAwait(false);
                    break;
                }
                catch (TrafficConflictException) when (attempt < Attempts)
                {
                    // Again, on what the other one left.
                    await Task.Delay(TimeSpan.FromMilliseconds(10 * attempt), _clock, cancellation).ConfigureAwait(false);
                }
                catch (TrafficConflictException error)
                {
                    throw new BundleException(error.Message, error);
                }
            }
        }
        finally
        {
            lock (_sync)
            {
                _demanded.Remove(needs);
            }

            Reconcile();
        }

        return View;
    }

    private async Task<TrafficTable> DeclaredAsync(CancellationToken cancellation)
    {
        var table = await _tables.ReadAsync(_name, cancellation).ConfigureAwait(false);
        lock (_sync)
        {
            return table ?? (_serving is { } serving
                ? TrafficTable.Undeclared(serving, _before)
                : throw new TrafficException($"model '{_name}' has no version in service: there is nothing to change yet"));
        }
    }

    // Loads a version for a change that is not yet declared.
    private async Task DemandAsync(long version, CancellationToken cancellation)
    {
        Entry demanded;
        lock (_sync)
        {
            _demanded.Add(version);
            if (_known.GetValueOrDefault(version)?.State == VersionState.Failed)
            {
                // Somebody asks: another look.
                _known.Remove(version);
            }
        }

        Reconcile();
        lock (_sync)
        {
            demanded = _known.TryGetValue(version, out var entry) ? entry
                : throw new TrafficException($"model '{_name}' has no version {version}: expected one of {(_onDisk.Count == 0 ? "none" : string.Join(", ", _onDisk))}");
        }

        await demanded.Done.Task.WaitAsync(cancellation).ConfigureAwait(false);
        lock (_sync)
        {
            if (demanded.State != VersionState.Ready)
            {
                throw new TrafficException($"model '{_name}' version {version} is refused: {demanded.Reason}");
            }
        }
    }

    private void ReadRepository()
    {
        // What was declared, and what was there, last still holds.
        string? problem = null;
        try
        {
            _onDisk = _repository.Versions(_name);
            problem = _repository.Problem;
        }
        catch (BundleException error)
        {
            problem = error.Message;
        }

        _declared = _tables.Known(_name);
        problem ??= _declared.Problem;
        if (problem is not null && problem != _storageProblem)
        {
            LogStorage(_name, problem);
        }
        else if (problem is null && _storageProblem is not null)
        {
            LogStorageBack(_name);
        }

        _storageProblem = problem;
    }

    // Under the lock.
    private List<LoadedModel> Step()
    {
        var plan = RolloutPolicy.Next(new RolloutSituation
        {
            Table = _declared.Table,
            // Until it is known what is declared, the newest version is just one of them.
            OnDisk = _declared.IsKnown ? _onDisk : [],
            Known = _known.ToDictionary(pair => pair.Key, pair => pair.Value.State),
            Serving = _serving,
            Before = _before,
            Demanded = [.. _pinned, .. _demanded],
        });
        foreach (var version in plan.Load)
        {
            var entry = new Entry();
            _known.Add(version, entry);
            _ = LoadAsync(version, entry);
        }

        if (plan.Base != _serving)
        {
            if (plan.Base is { } version)
            {
                LogInService(_name, version, _serving ?? 0);
            }

            (_before, _serving) = (_serving, plan.Base);
        }

        List<LoadedModel> retired = [];
        foreach (var version in plan.Retire)
        {
            retired.Add(_known[version].Model!);
            _known.Remove(version);
            LogRetired(_name, version);
        }

        Publish(plan);
        return retired;
    }

    private void Publish(RolloutPlan plan)
    {
        var next = Describe(plan, _view.Sequence + 1);
        if (Same(_view, next))
        {
            return;
        }

        LoadedModel? Of(long? version) => version is { } one ? _known[one].Model : null;
        _catalog.Publish(new ServedModel(
            _name, Of(plan.Base), _known.Where(pair => pair.Value.Model is not null).ToDictionary(pair => pair.Key, pair => pair.Value.Model!), plan.Base is null ? next.Problem : null)
        {
            Canary = Of(plan.Canary),
            CanaryUsers = plan.Canary is null ? null : new UserShare(_declared.Table!.Canary!.Percent, _declared.Table.Canary.Salt),
            Shadow = Of(plan.Shadow),
            ShadowPercent = plan.Shadow is null ? 0 : _declared.Table!.Shadow!.Percent,
        });
        var old = _view;
        _view = next;
        old.MarkReplaced();
    }

    private RolloutView Describe(RolloutPlan plan, long sequence) => new()
    {
        Model = _name,
        Sequence = sequence,
        Table = _declared.Table,
        Base = plan.Base,
        Canary = plan.Canary,
        Shadow = plan.Shadow,
        Before = (_declared.Table is null ? _before : _declared.Table.Previous) is { } before && before != plan.Base ? before : null,
        Versions = [.. _onDisk.Concat(_known.Keys).Distinct().Order().Select(version => _known.TryGetValue(version, out var entry)
            ? new VersionView(version, entry.State, entry.Reason, entry.Model is { } model ? new LoadedVersion(model.Bundle.Digest, model.Statistics) : null, entry.Seconds)
            : new VersionView(version, VersionState.Available, null, null, 0))],
        Problem = Problem(plan),
    };

    private string? Problem(RolloutPlan plan)
    {
        var declared = _declared.Table?.Base ?? (_onDisk.Count > 0 ? _onDisk[^1] : null);
        return _storageProblem
            ?? (!_declared.IsKnown ? "what is declared of its traffic was not read yet"
                : declared is null ? $"the repository holds no version of '{_name}'"
                : declared == plan.Base ? null
                : _known.GetValueOrDefault(declared.Value) is { State: VersionState.Failed } failed ? failed.Reason
                : !_onDisk.Contains(declared.Value) ? $"version {declared} is to serve and is not in the repository"
                : $"version {declared} is still being loaded");
    }

    private static bool Same(RolloutView one, RolloutView other) =>
        one.Sequence > 0 && (one.Base, one.Canary, one.Shadow, one.Before, one.Problem, one.Table?.Revision) == (other.Base, other.Canary, other.Shadow, other.Before, other.Problem, other.Table?.Revision)
        && one.Table?.Canary == other.Table?.Canary && one.Versions.SequenceEqual(other.Versions);

    private async Task LoadAsync(long version, Entry entry)
    {
        try
        {
            var (model, seconds) = await _thread.RunAsync(() =>
            {
                _stopping.ThrowIfCancellationRequested();
                // Taken first: what changes while it is read is worth another look.
                entry.Fingerprint = _repository.Fingerprint(_name, version);
                var start = _clock.GetTimestamp();
                return (_loader.Load(_repository.Open(_name, version, _stopping), _stopping), _clock.GetElapsedTime(start).TotalSeconds);
            }).ConfigureAwait(false);
            LogLoaded(_name, version, model.Bundle.Digest, seconds);
            lock (_sync)
            {
                (entry.Model, entry.Seconds, entry.State) = (model, seconds, VersionState.Ready);
            }
        }
        catch (OperationCanceledException)
        {
            // The service is going down.
            Fail(entry, "the service is going down");
            return;
        }
        catch (BundleException error)
        {
            LogRefused(_name, error.Message);
            Fail(entry, error.Message);
        }
#pragma warning disable CA1031 // One bundle, however strange, must not take down what serves.
        catch (Exception error)
#pragma warning restore CA1031
        {
            LogBroken(error, _name);
            Fail(entry, $"{error.GetType().Name}: {error.Message}");
        }

        Reconcile();
        entry.Done.TrySetResult();
    }

    private void Fail(Entry entry, string reason)
    {
        lock (_sync)
        {
            (entry.State, entry.Reason) = (VersionState.Failed, reason);
        }

        entry.Done.TrySetResult();
    }

    private async Task FreeAsync(LoadedModel model)
    {
        try
        {
            await model.RetireAsync().ConfigureAwait(false);
            await _thread.RunAsync(() =>
            {
                model.Dispose();
                return true;
            }).ConfigureAwait(false);
        }
        catch (OperationCanceledException)
        {
            // The process frees it.
        }
    }

    [LoggerMessage(EventId = 2001, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} ({Digest}) is loaded, equal to its golden outputs, and warm after {Seconds:F2} s")]
    private partial void LogLoaded(string model, long version, string digest, double seconds);

    [LoggerMessage(EventId = 2002, Level = LogLevel.Error, Message = "Model '{Model}' is refused: {Reason}")]
    private partial void LogRefused(string model, string reason);

    [LoggerMessage(EventId = 2005, Level = LogLevel.Error, Message = "Model '{Model}' is refused: loading it failed in a way that nobody foresaw")]
    private partial void LogBroken(Exception error, string model);

    [LoggerMessage(EventId = 2006, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} is in service, in the place of {Before} (0: none)")]
    private partial void LogInService(string model, long version, long before);

    [LoggerMessage(EventId = 2007, Level = LogLevel.Information, Message = "Model '{Model}' version {Version} is let go: nothing wants it any more")]
    private partial void LogRetired(string model, long version);

    [LoggerMessage(EventId = 2008, Level = LogLevel.Error, Message = "The repository or the traffic table of model '{Model}' cannot be read; what serves goes on serving: {Reason}")]
    private partial void LogStorage(string model, string reason);

    [LoggerMessage(EventId = 2009, Level = LogLevel.Information, Message = "The repository and the traffic table of model '{Model}' can be read again")]
    private partial void LogStorageBack(string model);

    private sealed class Entry
    {
        public VersionState State { get; set; } = VersionState.Loading;

        public LoadedModel? Model { get; set; }

        public string? Reason { get; set; }

        public double Seconds { get; set; }

        public string Fingerprint { get; set; } = "";

        /// <summary>Completes when it is ready or refused.</summary>
        public TaskCompletionSource Done { get; } = new(TaskCreationOptions.RunContinuationsAsynchronously);
    }
}

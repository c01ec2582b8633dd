using System.Globalization;
using Pantheon.Bundles;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;
using Pantheon.Learning.Policies;
using Pantheon.Promotion.Live;
using Pantheon.Promotion.Trials;

namespace Pantheon.Promotion;

/// <summary>Where a promoter works.</summary>
/// <param name="Repository">The models, which the service loads from.</param>
/// <param name="State">Directory of its journal and checkpoint; on a shared volume another machine can go on with it.</param>
/// <param name="Owner">How this machine calls itself.</param>
/// <param name="Tool">Program and version, for the bundles' lineage.</param>
public sealed record PromoterPlace(ModelRepository Repository, string State, string Owner, string Tool);

/// <summary>
/// IPPO in service (Pantheon section 3.2). Each window of live exposures is first judged and then learned from; a reference that dominates
/// becomes a bundle, goes through its trial, and replaces the base; otherwise the weight of its largest gap goes up. All that it decides is
/// journaled before it is done, and a promoter that is started again goes on from its journal and checkpoint. One acts at a time, by a
/// lease in the store. What serves never waits for it. Not for use by two threads at once.
/// </summary>
public sealed class Promoter : IDisposable
{
    /// <summary>The journal's name in its directory.</summary>
    public const string JournalFile = "journal.jsonl";

    private const string CheckpointFile = "checkpoint.bin";
    private const string ReferenceName = "reference";
    // Times a step's length that it waits for users.
    private const int Patience = 10;
    private static readonly TimeSpan s_lease = TimeSpan.FromMinutes(1);

    private readonly PromoterOptions _options;
    private readonly PromoterPlace _place;
    private readonly IExposureStore _store;
    private readonly IModelControl _control;
    private readonly TimeProvider _clock;
    private readonly Action<PromotionEntry> _told;
    private readonly ModelRepository _repository;
    private readonly ExposureJoin _join;
    private readonly LiveLearner _learner;
    private readonly JsonLines _journal;
    private readonly LeaseOwner _owner;
    // What the journal has of each window, by its end; null: it was only learned from.
    private readonly Dictionary<DateTimeOffset, IppoDecision?> _noted = [];
    private IppoPolicy? _policy;
    private ArmComparison? _arms;
    private LoadedContender? _incumbent;
    private IppoDecision? _lastPromotion;
    private Trial? _trial;
    private DateTimeOffset? _through;
    private DateTimeOffset _from;
    private long? _base;
    private bool _isOwn;
    private bool _isPaused;
    private int _learned;
    private int _sincePublished;

    /// <param name="from">The first window's earliest time, where nothing was learned yet.</param>
    /// <param name="told">Hears of every entry of the journal as it is made.</param>
    /// <exception cref="ArgumentException">An option is missing or out of its range.</exception>
    /// <exception cref="InvalidDataException">Journal or checkpoint are damaged, or of other options.</exception>
    public Promoter(
        PromoterOptions options, PromoterPlace place, IExposureStore store, IModelControl control, DateTimeOffset from, TimeProvider clock, Action<PromotionEntry>? told = null)
    {
        ArgumentNullException.ThrowIfNull(options);
        ArgumentNullException.ThrowIfNull(place);
        options.Check();
        (_options, _place, _store, _control, _clock, _told) = (options, place, store, control, clock, told ?? (_ => { }));
        (_from, _isOwn) = (from, options.OwnBase);
        _repository = place.Repository;
        _join = new ExposureJoin(store, options.Join);
        _learner = new LiveLearner(options);
        Directory.CreateDirectory(place.State);
        var path = Path.Combine(place.State, JournalFile);
        foreach (var entry in JsonLines.Read<PromotionEntry>(path))
        {
            Replay(entry);
        }

        if (_policy is not null && File.Exists(Checkpoint))
        {
            _through = _learner.Load(Checkpoint);
        }

        _journal = JsonLines.Open(path);
        _owner = LeaseOwner.Of(place);
    }

    private string Checkpoint => Path.Combine(_place.State, CheckpointFile);

    /// <summary>The version on trial, or waiting for it; null: none.</summary>
    public long? TrialVersion => _trial?.Version;

    /// <summary>The weights of the reference; empty before the first window.</summary>
    public IReadOnlyList<double> Weights => _policy?.ReferenceWeights ?? [];

    /// <summary>
    /// Looks again and again until it is stopped. What the store, the service or the disk cannot do now is tried again at the next look. While another
    /// promoter acts, or has the state directory, it waits, and goes on from the journal as that one left it.
    /// </summary>
    /// <param name="open">Makes the promoter, more than once where it had to wait.</param>
    /// <param name="poll">Time between two looks.</param>
    /// <param name="clock">For that.</param>
    /// <param name="failed">Hears what could not be done, once for each reason.</param>
    /// <exception cref="InvalidDataException">Journal or checkpoint are damaged, or of other options.</exception>
    public static async Task RunAsync(Func<Promoter> open, TimeSpan poll, TimeProvider clock, Action<string> failed, CancellationToken cancellation)
    {
        ArgumentNullException.ThrowIfNull(open);
        ArgumentNullException.ThrowIfNull(failed);
        var (last, hadToWait) = ("", false);
        Promoter? promoter = null;
        using var timer = new PeriodicTimer(poll, clock);
        try
        {
            do
            {
                try
                {
                    promoter ??= open();
                    if (hadToWait && await promoter.LeaseAsync(cancellation).ConfigureAwait(false))
                    {
                        // Whoever had it may have written since this one read.
                        await promoter.EndAsync().ConfigureAwait(false);
                        promoter = null;
                        promoter = open();
                    }

                    hadToWait = !await promoter.LookAsync(cancellation).ConfigureAwait(false);
                    last = "";
                }
                catch (Exception error) when (error is ExposureStoreException or ModelControlException or BundleException or IOException or UnauthorizedAccessException)
                {
                    if (error.Message != last)
                    {
                        failed(last = error.Message);
                    }
                }
            }
            while (await timer.WaitForNextTickAsync(cancellation).ConfigureAwait(false));
        }
        finally
        {
            if (promoter is not null)
            {
                await promoter.EndAsync().ConfigureAwait(false);
            }
        }
    }

    /// <summary>Takes the steps that are due: the trial's, then every window that has closed since.</summary>
    /// <returns>False if another promoter has the lease, and so nothing was done.</returns>
    /// <exception cref="ExposureStoreException">The store cannot do it now.</exception>
    /// <exception cref="ModelControlException">The service cannot do it now.</exception>
    /// <exception cref="BundleException">A bundle cannot be read or published now.</exception>
    public async Task<bool> LookAsync(CancellationToken cancellation = default)
    {
        if (!await LeaseAsync(cancellation).ConfigureAwait(false))
        {
            return false;
        }

        using var ending = CancellationTokenSource.CreateLinkedTokenSource(cancellation);
        var keeping = KeepLeaseAsync(ending);
        try
        {
            await StepAsync(ending.Token).ConfigureAwait(false);
            return true;
        }
        catch (OperationCanceledException) when (!cancellation.IsCancellationRequested)
        {
            throw new ExposureStoreException($"the lease of promoter '{_options.Model}' was lost: another one may have it, and nothing more is done");
        }
        finally
        {
            await ending.CancelAsync().ConfigureAwait(false);
            await keeping.ConfigureAwait(false);
        }
    }

    /// <summary>Gives the lease back, so that another promoter need not wait for its end.</summary>
    /// <exception cref="ExposureStoreException">The store cannot take it; it ends by itself.</exception>
    public Task ReleaseAsync() => _store.Notes.TryLeaseAsync(LeaseKey, _owner.Name, TimeSpan.Zero);

    public void Dispose()
    {
        _owner.Dispose();
        _journal.Dispose();
        _learner.Dispose();
        _incumbent?.Dispose();
    }

    private async Task EndAsync()
    {
        try
        {
            await ReleaseAsync().ConfigureAwait(false);
        }
        catch (ExposureStoreException)
        {
            // It ends by itself.
        }

        Dispose();
    }

    private string LeaseKey => $"promoter/{_options.Model}";

    private bool Acts => _options.Mode != PromoterMode.DryRun;

    private Task<bool> LeaseAsync(CancellationToken cancellation) => _store.Notes.TryLeaseAsync(LeaseKey, _owner.Name, s_lease, cancellation);

    // A window may take minutes to learn from. Whoever cannot renew its lease stops before it ends.
    private async Task KeepLeaseAsync(CancellationTokenSource ending)
    {
        using var timer = new PeriodicTimer(s_lease / 4);
        var renewed = _clock.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(ending.Token).ConfigureAwait(false))
            {
                try
                {
                    if (!await LeaseAsync(ending.Token).ConfigureAwait(false))
                    {
                        await ending.CancelAsync().ConfigureAwait(false);
                        return;
                    }

                    renewed = _clock.GetTimestamp();
                }
                catch (ExposureStoreException) when (_clock.GetElapsedTime(renewed) < s_lease / 2)
                {
                    // Once more before it is too late.
                }
                catch (ExposureStoreException)
                {
                    await ending.CancelAsync().ConfigureAwait(false);
                    return;
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The look is over.
        }
    }

    private async Task StepAsync(CancellationToken cancellation)
    {
        var control = await PromoterControl.ReadAsync(_store.Notes, _options.Model, cancellation).ConfigureAwait(false);
        if (control.Paused != _isPaused)
        {
            _isPaused = control.Paused;
            Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Paused, $"{(control.Paused ? "paused" : "goes on")}, by {control.By}"));
        }

        if (control.Paused)
        {
            // A veto is heard, and what serves is followed.
            if (_trial is not null)
            {
                await RecallAsync(cancellation).ConfigureAwait(false);
                await FollowAsync(control, advance: false, cancellation).ConfigureAwait(false);
            }

            return;
        }

        if (_policy is null && (await _store.StatisticsAsync(cancellation).ConfigureAwait(false)).Oldest is var oldest && (oldest is null || oldest > _from))
        {
            // Before the first exposure there is nothing to look at, window by window.
            _from = _options.Join.WindowOf(oldest ?? _clock.GetUtcNow()).From;
        }

        // A trial's next step waits for what is known of its last one.
        List<ExposureWindow> closed = [.. _options.Join.Closed(_through ?? _from, _clock.GetUtcNow())];
        await _repository.RefreshAsync(cancellation).ConfigureAwait(false);
        await RecallAsync(cancellation).ConfigureAwait(false);
        await FollowAsync(control, advance: closed.Count == 0, cancellation).ConfigureAwait(false);
        foreach (var window in closed)
        {
            await LearnAsync(window, cancellation).ConfigureAwait(false);
            await FollowAsync(control, advance: true, cancellation).ConfigureAwait(false);
        }
    }

    // What users did in this step before this process began: the store has it still.
    private async Task RecallAsync(CancellationToken cancellation)
    {
        if (_arms is not null || _trial is not { } trial)
        {
            return;
        }

        var arms = new ArmComparison(_options.Objectives.Count);
        if (trial.Step >= 0 && _through is { } through)
        {
            for (var window = _options.Join.WindowOf(trial.Since); window.To <= through; window = _options.Join.WindowOf(window.To))
            {
                arms.Add(_learner.Read(await _join.ReadAsync(window, cancellation).ConfigureAwait(false)).Exposures, trial.Version, trial.Since);
            }
        }

        _arms = arms;
    }

    private async Task LearnAsync(ExposureWindow window, CancellationToken cancellation)
    {
        var examples = _learner.Read(await _join.ReadAsync(window, cancellation).ConfigureAwait(false));
        if (_policy is null || !_learner.IsReady)
        {
            Begin(window, examples, cancellation);
            return;
        }

        if (!_noted.TryGetValue(window.To, out var decision))
        {
            if (_learned >= _options.WarmupWindows && _trial is null)
            {
                decision = Judge(window, examples, cancellation);
            }
            else
            {
                Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Learned, _trial is null ? "warming up" : $"version {_trial.Version} is on trial")
                {
                    Through = window.To,
                    Joined = examples.Joined,
                });
            }
        }

        // What was judged is what is published: before it learns from the window that it won.
        var wins = decision?.Action == IppoAction.Promote && _trial is null;
        var isStale = _trial is null && _isOwn && _options.RefreshWindows > 0 && _sincePublished >= _options.RefreshWindows;
        if (examples.Count > 0 && Acts && (wins || isStale))
        {
            Publish(window, examples, refresh: !wins, cancellation);
        }
        else if (wins)
        {
            _learner.Promote();
            _isOwn = true;
            Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Promoted, "a dry run: the reference is the base here, and nothing else changes"));
        }

        if (_trial is { Step: >= 0 } trial)
        {
            _arms!.Add(examples.Exposures, trial.Version, trial.Since);
        }

        Learn(() => _learner.Train(examples, _policy.ReferenceWeights, _trial is { Refresh: false } tried ? tried.BaseWeights : _policy.BaseWeights, cancellation));
        _through = window.To;
        _learner.Save(Checkpoint, window.To);
    }

    private void Begin(ExposureWindow window, LiveExamples examples, CancellationToken cancellation)
    {
        if (!_learner.CanBegin(examples))
        {
            // It is not learned from: rates come from the first window that has both classes of all.
            _from = window.To;
            return;
        }

        if (_policy is null)
        {
            var weights = _learner.WeightsOf(examples);
            Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Begun, $"learning from {examples.Count} items shown")
            {
                Model = _options.Model,
                Objectives = _options.Objectives,
                Weights = weights,
                Through = window.To,
                Joined = examples.Joined,
            });
            MakePolicy(weights);
        }

        Learn(() => _learner.Begin(examples, _policy!.ReferenceWeights, cancellation));
        if (_options.OwnBase)
        {
            _learner.Promote();
        }

        _through = window.To;
        _learner.Save(Checkpoint, window.To);
    }

    // What was half learned is forgotten: the window is learned from again, from where the one before it ended.
    private void Learn(Action learn)
    {
        try
        {
            learn();
        }
        catch
        {
            _learner.Forget();
            _arms = null;
            _through = File.Exists(Checkpoint) ? _learner.Load(Checkpoint) : null;
            throw;
        }
    }

    private IppoDecision Judge(ExposureWindow window, LiveExamples examples, CancellationToken cancellation)
    {
        var (reference, @base, pxtrs) = examples.Count > 0 ? _learner.Score(examples, cancellation) : ([], [], [.. _options.Objectives.Select(_ => Array.Empty<float>())]);
        var (rows, notDrawn, notScored) = (new List<int>(examples.Count), 0, 0);
        float[]? given = null;
        for (var row = 0; row < examples.Count; row++)
        {
            var exposure = examples.Exposures[row];
            if (_options.Exposures == JudgedExposures.Explored && !exposure.Ranking.Explored)
            {
                notDrawn++;
                continue;
            }

            if (!_isOwn)
            {
                // Rows of one answer follow each other.
                given = row > 0 && given is not null && examples.Exposures[row - 1].Ranking.Id == exposure.Ranking.Id ? given : Incumbent(cancellation).Score(exposure.Ranking);
                if (given is null)
                {
                    notScored++;
                    continue;
                }

                @base[row] = given[exposure.Item.Position];
            }

            rows.Add(row);
        }

        float[] Take(float[] scores) => [.. rows.Select(row => scores[row])];
        var counts = new JudgedCounts(examples.Count + examples.WithoutFeatures + examples.NotFitting, rows.Count, notDrawn, examples.WithoutFeatures, notScored + examples.NotFitting);
        var judged = WindowJudge.Compare(
            _options.Objectives,
            WindowJudge.NameOf(window),
            [.. rows.Select(row => examples.UserIndex[row])],
            [.. _options.Objectives.Select((_, objective) => (IReadOnlyList<byte>)[.. rows.Select(row => examples.Labels(objective)[row])])],
            Take(@base),
            Take(reference),
            [.. pxtrs.Select(Take)]);
        var decision = _policy!.Decide(judged);
        Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Decided, examples.Misfit is { } misfit ? $"{decision.Reason}; {examples.NotFitting} items do not fit: {misfit}" : decision.Reason)
        {
            Through = window.To,
            Decision = decision,
            Joined = examples.Joined,
            Judged = counts,
            Version = _base,
        });
        return decision;
    }

    private void Publish(ExposureWindow window, LiveExamples examples, bool refresh, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var notes = string.Create(CultureInfo.InvariantCulture, $"promoter: {(refresh ? "the base, fresher," : "the reference")} of window {WindowJudge.NameOf(window)}");
        // One that a crash left without its line.
        var version = _repository.Versions(_options.Model).Where(version => version > (_base ?? 0)).Select(version => (long?)version)
            .LastOrDefault(version => _repository.Open(_options.Model, version!.Value, cancellation).Manifest.Lineage.Notes == notes);
        version ??= _learner.Publish(
            ofReference: !refresh, examples, _repository, new Lineage { CreatedAt = _clock.GetUtcNow(), CreatedBy = _place.Tool, Notes = notes }, staged => LoadedContender.Check(staged, cancellation)).Manifest.Version;
        Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Published, notes["promoter: ".Length..]) { Version = version, Refresh = refresh });
        Open(version.Value, refresh);
        _arms = new ArmComparison(_options.Objectives.Count);
    }

    private void Open(long version, bool refresh)
    {
        var was = refresh || _policy is null ? [] : _lastPromotion?.Before.Base ?? _policy.BaseWeights;
        (_trial, _arms, _sincePublished) = (new Trial(version, refresh, -1, default, was), null, 0);
    }

    // What serves, and the trial's next step.
    private async Task FollowAsync(PromoterControl control, bool advance, CancellationToken cancellation)
    {
        var state = await _control.GetAsync(_options.Model, cancellation).ConfigureAwait(false);
        if (!state.IsDeclared && Acts)
        {
            state = await _control.PromoteAsync(_options.Model, state.Base, "declared, so that what is published gets no traffic by being the newest", cancellation).ConfigureAwait(false);
        }

        if (_trial is { } trial && state.Base == trial.Version)
        {
            // Promoted before a crash, or by somebody who was quicker.
            Finish(trial, state.LastChange);
            return;
        }

        if (_base is null)
        {
            _base = state.Base;
        }
        else if (state.Base != _base)
        {
            Rebase(state);
            return;
        }

        if (_trial is not { } going)
        {
            return;
        }

        if (control.Vetoed == going.Version)
        {
            await EndAsync(going, $"vetoed by {control.VetoedBy}", null, cancellation).ConfigureAwait(false);
        }
        else if (going.Step < 0)
        {
            // Whoever tries another version out comes first.
            if (advance && (state.Canary is null || state.Canary == going.Version) && (_options.Mode != PromoterMode.Approve || going.Refresh || control.Approved == going.Version))
            {
                await AdvanceAsync(going, 0, control.Approved == going.Version ? $", approved by {control.ApprovedBy}" : "", cancellation).ConfigureAwait(false);
            }
        }
        else if (state.Canary != going.Version)
        {
            Lose(going, $"it has no traffic any more: {state.LastChange}", null);
        }
        else if (_arms!.Figures() is var figures && _options.Guard.Judge(figures) is { } behind)
        {
            await EndAsync(
                going,
                string.Create(CultureInfo.InvariantCulture, $"users on trial did less of {_options.Objectives[behind]}: {figures.Canary[behind]:0.0000} against {figures.Base[behind]:0.0000} for each answer shown, standard error {figures.StandardErrors[behind]:0.0000}"),
                figures,
                cancellation).ConfigureAwait(false);
        }
        else if (advance && _through - going.Since is { } known && known >= _options.Steps[going.Step].Time)
        {
            if (_options.Guard.IsEnough(figures))
            {
                await AdvanceAsync(going, going.Step + 1, "", cancellation).ConfigureAwait(false);
            }
            else if (known >= Patience * _options.Steps[going.Step].Time)
            {
                await EndAsync(
                    going, string.Create(CultureInfo.InvariantCulture, $"only {figures.CanaryUsers} users on trial and {figures.BaseUsers} beside them in {known}, expected {_options.Guard.MinimumUsers}"), figures, cancellation)
                    .ConfigureAwait(false);
            }
        }
    }

    private async Task AdvanceAsync(Trial trial, int step, string approved, CancellationToken cancellation)
    {
        var figures = _arms?.Figures();
        try
        {
            if (step < _options.Steps.Count)
            {
                var percent = _options.Steps[step].Percent;
                await _control.SetCanaryAsync(_options.Model, trial.Version, percent, $"step {step + 1} of {_options.Steps.Count}", cancellation).ConfigureAwait(false);
                var now = _clock.GetUtcNow();
                (_trial, _arms) = (trial with { Step = step, Since = now }, new ArmComparison(_options.Objectives.Count));
                Write(new PromotionEntry(now, PromotionEvent.Stepped, string.Create(CultureInfo.InvariantCulture, $"{percent} % of the users{approved}"))
                {
                    Version = trial.Version,
                    Percent = percent,
                    Refresh = trial.Refresh,
                    Arms = figures,
                });
                return;
            }

            var state = await _control.PromoteAsync(
                _options.Model, trial.Version, trial.Refresh ? "the same policy, fresher" : "better on every objective, and well on trial", cancellation).ConfigureAwait(false);
            Finish(trial, state.LastChange, figures);
        }
        catch (ModelControlException error) when (error.IsRefused)
        {
            await EndAsync(trial, $"the service refused it: {error.Message}", figures, cancellation).ConfigureAwait(false);
        }
    }

    private void Finish(Trial trial, string text, ArmFigures? figures = null)
    {
        if (!trial.Refresh)
        {
            // First: done twice it is the same, and a crash before the line makes it be done again.
            _learner.Promote();
            _learner.Save(Checkpoint, _through ?? _from);
        }

        Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Promoted, text) { Version = trial.Version, Refresh = trial.Refresh, Arms = figures });
        Promoted(trial.Version);
    }

    private void Promoted(long version)
    {
        (_base, _isOwn, _trial, _arms, _sincePublished) = (version, true, null, null, 0);
        _incumbent?.Dispose();
        _incumbent = null;
    }

    private async Task EndAsync(Trial trial, string reason, ArmFigures? figures, CancellationToken cancellation)
    {
        if (trial.Step >= 0)
        {
            try
            {
                await _control.SetCanaryAsync(_options.Model, trial.Version, 0, reason, cancellation).ConfigureAwait(false);
            }
            catch (ModelControlException error) when (error.IsRefused)
            {
                // It has no traffic any more, which is what we wanted.
            }
        }

        Lose(trial, reason, figures);
    }

    private void Lose(Trial trial, string reason, ArmFigures? figures)
    {
        var decision = trial.Refresh ? null : _policy!.Lose(reason);
        (_trial, _arms) = (null, null);
        Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Lost, reason) { Version = trial.Version, Refresh = trial.Refresh, Decision = decision, Arms = figures });
    }

    // Somebody promoted another version, or rolled ours back: what serves is the base.
    private void Rebase(TrafficState state)
    {
        if (_trial is { } trial)
        {
            Lose(trial, $"the base is another one: {state.LastChange}", null);
        }
        else if (_policy?.CanLose == true)
        {
            // The fresh base was taken back before anything else was decided.
            Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Lost, state.LastChange) { Version = _base, Decision = _policy.Lose(state.LastChange) });
        }

        Write(new PromotionEntry(_clock.GetUtcNow(), PromotionEvent.Rebased, state.LastChange) { Version = state.Base });
        Rebased(state.Base);
    }

    private void Rebased(long version)
    {
        (_base, _isOwn, _trial, _arms) = (version, false, null, null);
        _policy?.Rebase([.. _options.Objectives.Select(_ => 1.0)]);
        _incumbent?.Dispose();
        _incumbent = null;
    }

    private Contender Incumbent(CancellationToken cancellation) =>
        (_incumbent ??= new LoadedContender(_repository.Open(_options.Model, _base!.Value, cancellation), cancellation)).Contender;

    private void MakePolicy(IReadOnlyList<double> weights) => _policy = new IppoPolicy(
        ReferenceName, _options.Objectives, _options.OwnBase ? weights : [.. _options.Objectives.Select(_ => 1.0)], weights, _options.Policy);

    private void Write(PromotionEntry entry)
    {
        _journal.Append(entry);
        Count(entry);
        _told(entry);
    }

    // What follows from a line alone.
    private void Count(PromotionEntry entry)
    {
        if (entry is { Event: PromotionEvent.Learned or PromotionEvent.Decided, Through: { } through })
        {
            _noted[through] = entry.Decision;
            (_learned, _sincePublished) = (_learned + 1, _sincePublished + 1);
            _lastPromotion = entry.Decision is { Action: IppoAction.Promote } promotion ? promotion : _lastPromotion;
        }
        else if (entry.Event == PromotionEvent.Begun)
        {
            _learned = 1;
        }
    }

    private void Replay(PromotionEntry entry)
    {
        Count(entry);
        switch (entry.Event)
        {
            case PromotionEvent.Begun:
                if (entry.Objectives is null || entry.Weights is null || !entry.Objectives.SequenceEqual(_options.Objectives) || entry.Model != _options.Model)
                {
                    throw new InvalidDataException($"the journal is about {entry.Model} with {string.Join(", ", entry.Objectives ?? [])}, expected {_options.Model} with {string.Join(", ", _options.Objectives)}: another model or other objectives have a journal of their own");
                }

                MakePolicy(entry.Weights);
                _from = entry.Through!.Value - _options.Window;
                break;
            case PromotionEvent.Learned or PromotionEvent.Decided:
                if (entry.Decision is { } decision)
                {
                    _policy!.Replay([decision]);
                    _base = entry.Version ?? _base;
                }

                break;
            case PromotionEvent.Published:
                Open(entry.Version!.Value, entry.Refresh == true);
                break;
            case PromotionEvent.Stepped:
                var step = _options.Steps.ToList().FindIndex(one => one.Percent >= entry.Percent);
                _trial = _trial! with { Step = step < 0 ? _options.Steps.Count - 1 : step, Since = entry.At };
                break;
            case PromotionEvent.Promoted:
                _isOwn = true;
                if (entry.Version is { } version)
                {
                    Promoted(version);
                }

                break;
            case PromotionEvent.Lost:
                _trial = null;
                if (entry.Decision is { } lost)
                {
                    _policy!.Replay([lost]);
                }

                break;
            case PromotionEvent.Rebased:
                Rebased(entry.Version!.Value);
                break;
            default:
                _isPaused = entry.Text.StartsWith("paused", StringComparison.Ordinal);
                break;
        }
    }

    /// <summary>A version on its way.</summary>
    /// <param name="Step">Index of its step; -1: not tried yet.</param>
    /// <param name="Since">When the step began.</param>
    /// <param name="BaseWeights">w that the base goes on learning with until the trial is over.</param>
    private sealed record Trial(long Version, bool Refresh, int Step, DateTimeOffset Since, IReadOnlyList<double> BaseWeights);
}

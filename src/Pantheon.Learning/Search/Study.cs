namespace Pantheon.Learning.Search;

/// <summary>
/// A search by trial: <see cref="Ask"/> for values, try them, <see cref="Tell"/> what came of it. Proposals come from TPE. A study with a
/// journal goes on after a restart where it stood, proposing what it would have proposed. Not for use by several threads at once, though
/// several trials may be open.
/// </summary>
public sealed class Study : IDisposable
{
    private readonly StudyOptions _options;
    private readonly TpeSampler _sampler;
    private readonly StudyJournal? _journal;
    private readonly List<CompletedTrial> _trials = [];
    private readonly HashSet<int> _taken = [];
    private readonly Dictionary<int, Trial> _open = [];
    private int _next;

    /// <summary>A study that ends with the process.</summary>
    /// <exception cref="ArgumentException">An option is out of its range.</exception>
    public Study(SearchSpace space, StudyOptions? options = null) : this(space, options ?? new StudyOptions(), null)
    {
    }

    private Study(SearchSpace space, StudyOptions options, StudyJournal? journal)
    {
        ArgumentNullException.ThrowIfNull(space);
        options.Check(space);
        Space = space;
        _options = options;
        _sampler = new TpeSampler(space, options);
        _journal = journal;
    }

    /// <summary>What is searched.</summary>
    public SearchSpace Space { get; }

    /// <summary>Completed trials, failed ones included, ascending by number.</summary>
    public IReadOnlyList<CompletedTrial> Trials => _trials;

    /// <summary>The best trial; the earliest of equals; null while none has succeeded.</summary>
    public CompletedTrial? Best
    {
        get
        {
            CompletedTrial? best = null;
            foreach (var trial in _trials)
            {
                if (!trial.Failed && (best is null || (_options.Maximise ? trial.Score > best.Score : trial.Score < best.Score)))
                {
                    best = trial;
                }
            }

            return best;
        }
    }

    /// <summary>Begins a study with a journal, or goes on with the one that is there.</summary>
    /// <param name="journal">
    /// Path of a file of JSON lines, one for the study and one for each completed trial. A last line that a crash cut short is dropped,
    /// and its trial proposed again.
    /// </param>
    /// <exception cref="StudyException">The file is another study's, or is not a journal.</exception>
    /// <exception cref="IOException">The file cannot be used; another process may have it open.</exception>
    public static Study Open(string journal, SearchSpace space, StudyOptions? options = null)
    {
        ArgumentException.ThrowIfNullOrEmpty(journal);
        ArgumentNullException.ThrowIfNull(space);
        options ??= new StudyOptions();
        options.Check(space);
        var file = StudyJournal.Open(journal, space, options, out var trials);
        var study = new Study(space, options, file);
        foreach (var trial in trials)
        {
            if (!study._taken.Add(trial.Number))
            {
                file.Dispose();
                throw new StudyException($"'{journal}' has trial {trial.Number} twice; expected each once");
            }

            study.Keep(trial);
        }

        return study;
    }

    /// <summary>The next values to try.</summary>
    public Trial Ask()
    {
        while (!_taken.Add(_next))
        {
            _next++;
        }

        var trial = new Trial(_next, _sampler.Propose(_next, _trials));
        _open.Add(trial.Number, trial);
        return trial;
    }

    /// <summary>What came of a trial. It is in the journal when this returns.</summary>
    /// <param name="trial">One that <see cref="Ask"/> gave and that has not been told of.</param>
    /// <param name="score">A number that is not finite says that the trial failed.</param>
    /// <exception cref="ArgumentException">The trial is not open.</exception>
    public void Tell(Trial trial, double score)
    {
        ArgumentNullException.ThrowIfNull(trial);
        if (!_open.TryGetValue(trial.Number, out var open) || !ReferenceEquals(open, trial))
        {
            throw new ArgumentException(
                $"trial {trial.Number} is not open; expected one that was asked for and not told of", nameof(trial));
        }

        var completed = new CompletedTrial(trial.Number, trial.Values, double.IsFinite(score) ? score : double.NaN);
        _journal?.Append(completed);
        _open.Remove(trial.Number);
        Keep(completed);
    }

    /// <summary>Asks and tells until so many trials are complete, those of the journal counted.</summary>
    /// <param name="trials">At least 0.</param>
    /// <param name="score">What comes of values in the space's order.</param>
    /// <returns>The best trial; null if none succeeded.</returns>
    public CompletedTrial? Run(int trials, Func<IReadOnlyList<double>, double> score, CancellationToken cancellation = default)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(trials);
        ArgumentNullException.ThrowIfNull(score);
        while (_trials.Count < trials)
        {
            cancellation.ThrowIfCancellationRequested();
            var trial = Ask();
            Tell(trial, score(trial.Values));
        }

        return Best;
    }

    /// <summary>Closes the journal.</summary>
    public void Dispose() => _journal?.Dispose();

    private void Keep(CompletedTrial trial)
    {
        int place = _trials.Count;
        while (place > 0 && _trials[place - 1].Number > trial.Number)
        {
            place--;
        }

        _trials.Insert(place, trial);
    }
}

using System.Globalization;
using Pantheon.Learning.Search;

namespace Pantheon.Learning.Policies;

/// <summary>
/// The rule of Pantheon section 3.2.2. State: the weights. Reward: whether the reference beats the base on every objective's GAUC.
/// Action: the reference becomes the base, or the weight of its largest gap goes up by 0.1 / M. Here the weights are kept normalised, and
/// dominance has to stand out of the noise. Pure: it trains nothing and reads no clock. Not for use by two threads at once.
/// </summary>
public sealed class IppoPolicy
{
    private readonly string _name;
    private readonly IReadOnlyList<string> _objectives;
    private readonly IppoOptions _options;
    private readonly double _criticalValue;
    private readonly List<IppoWindow> _judged = [];
    private double[] _base;
    private double[] _reference;
    private int _burnIn;

    // The last promotion with the base before it, until something else is decided.
    private (IppoDecision Decision, double[] Base)? _promoted;

    // How often the reference has dominated since the last change; above 0, what is judged is to confirm it.
    private int _dominated;

    /// <param name="name">Of the reference, for the journal.</param>
    /// <param name="objectives">Their names.</param>
    /// <param name="baseWeights">w of the first base, any positive scale; equal ones stand for a base that has none, such as a formula.</param>
    /// <param name="referenceWeights">w of the first reference.</param>
    /// <param name="references">How many are judged side by side: the error is shared out among them.</param>
    public IppoPolicy(
        string name, IReadOnlyList<string> objectives, IReadOnlyList<double> baseWeights, IReadOnlyList<double> referenceWeights, IppoOptions options,
        int references = 1)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(objectives);
        ArgumentNullException.ThrowIfNull(options);
        ArgumentOutOfRangeException.ThrowIfLessThan(references, 1);
        options.Check();
        (_name, _objectives, _options) = (name, objectives, options);
        (_base, _reference) = (Normalised(baseWeights), Normalised(referenceWeights));
        _criticalValue = NormalMass.Quantile(1 - (options.FamilyWiseError / references));
        _burnIn = options.BurnInWindows;
    }

    /// <summary>w of the base, summing to 1.</summary>
    public IReadOnlyList<double> BaseWeights => _base;

    /// <summary>w of the reference, summing to 1.</summary>
    public IReadOnlyList<double> ReferenceWeights => _reference;

    /// <summary>Whether the last decision was a promotion, which <see cref="Lose"/> can take back.</summary>
    public bool CanLose => _promoted is not null;

    /// <summary>Another reference became the base: what was judged against the old one counts no more.</summary>
    /// <param name="baseWeights">w of the new base.</param>
    public void Rebase(IReadOnlyList<double> baseWeights)
    {
        _base = Normalised(baseWeights);
        _promoted = null;
        Restart();
    }

    /// <summary>
    /// The last promotion came to nothing: whoever tried the reference where it counts found it wanting. A lost reward is no dominance, so
    /// the base is again what it was, and the weight of the objective goes up whose gain was the least certain. Ours; the paper tries nothing.
    /// </summary>
    /// <param name="reason">What was found, in a sentence.</param>
    /// <exception cref="InvalidOperationException">The last decision was no promotion.</exception>
    public IppoDecision Lose(string reason)
    {
        ArgumentException.ThrowIfNullOrEmpty(reason);
        var (promotion, was) = _promoted ?? throw new InvalidOperationException($"reference '{_name}' was not promoted last; expected a promotion that can be lost");
        var before = new IppoWeights([.. _base], [.. _reference]);
        _base = was;
        var least = Enumerable.Range(0, _objectives.Count).MinBy(objective => promotion.Gains[objective] / promotion.StandardErrors[objective]);
        Raise(least);
        _promoted = null;
        return new IppoDecision(
            promotion.Window, _name, IppoAction.Lose, _objectives[least], reason, promotion.Gains, promotion.StandardErrors, before, new IppoWeights([.. _base], [.. _reference]));
    }

    /// <summary>
    /// Goes where a journal ended: of a policy made as the one that wrote it, the same decisions are made again, bit for bit, from the
    /// inputs in it. Promotions of other references in the same journal rebase this one.
    /// </summary>
    /// <param name="journal">Whole, or cut after any line.</param>
    /// <exception cref="InvalidDataException">Another decision comes out: the journal is of other options or first weights.</exception>
    public void Replay(IEnumerable<IppoDecision> journal)
    {
        ArgumentNullException.ThrowIfNull(journal);
        var line = 0;
        foreach (var decision in journal)
        {
            line++;
            if (decision.Reference != _name)
            {
                if (decision.Action == IppoAction.Promote)
                {
                    Rebase(decision.After.Base);
                }

                continue;
            }

            var (expected, came) = (JsonLines.Line(decision), JsonLines.Line(decision.Action == IppoAction.Lose && CanLose ? Lose(decision.Reason) : Decide(decision.Window)));
            if (came != expected)
            {
                throw new InvalidDataException($"line {line}: the journal has {expected}, but from its inputs came {came}; expected the same: are options and first weights those that it was written with?");
            }
        }
    }

    /// <summary>Decides after a window. The caller then copies the reference over the base, or trains it with its new weights.</summary>
    /// <exception cref="ArgumentException">The window has figures for another number of objectives.</exception>
    public IppoDecision Decide(IppoWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        foreach (var figures in (int[])[window.Users.Count, window.Base.Count, window.Reference.Count, window.Ranking.Count, window.StandardErrors.Count])
        {
            if (figures != _objectives.Count)
            {
                throw new ArgumentException($"window {window.Name}: {figures} figures came; expected {_objectives.Count}, one for each objective", nameof(window));
            }
        }

        var before = new IppoWeights([.. _base], [.. _reference]);
        var was = _base;
        var (action, raised, reason, gains, errors) = Judge(window);
        var decision = new IppoDecision(window, _name, action, raised, reason, gains, errors, before, new IppoWeights([.. _base], [.. _reference]));
        _promoted = action == IppoAction.Promote ? (decision, was) : null;
        return decision;
    }

    private (IppoAction Action, string? Objective, string Reason, double[] Gains, double[] Errors) Judge(IppoWindow window)
    {
        if (_burnIn > 0)
        {
            _burnIn--;
            return (IppoAction.Wait, null, "the reference still learns its weights", [], []);
        }

        // An objective without users of both classes says nothing; a window with one says nothing about dominance.
        if (window.Base.Concat(window.Reference).Concat(window.StandardErrors).Any(figure => !double.IsFinite(figure)))
        {
            return (IppoAction.Wait, null, "an objective has no GAUC in this window", [], []);
        }

        _judged.Add(window);
        var (gains, errors) = Pool();
        var text = Text(gains, errors);
        if (Uncovered() is (var few, var users))
        {
            return (IppoAction.Wait, null, $"only {users} of {_options.MinimumUsers} users with both classes of {_objectives[few]} yet: {text}", gains, errors);
        }

        if (Dominates(gains, errors))
        {
            if (_dominated++ < _options.ConfirmWindows)
            {
                _judged.Clear();
                return (IppoAction.Wait, null, $"better on every objective, to be confirmed by {_options.ConfirmWindows - _dominated + 1} more: {text}", gains, errors);
            }

            _base = [.. _reference];
            Restart();
            return (IppoAction.Promote, null, $"better on every objective{(_options.ConfirmWindows > 0 ? ", and confirmed" : "")}: {text}", gains, errors);
        }

        // What failed to confirm is the first of the evidence from here on.
        var verdict = _dominated > 0 ? "not confirmed, " : "";
        _dominated = 0;
        if (_judged.Count < _options.JudgedWindows)
        {
            return (IppoAction.Wait, null, $"{verdict}window {_judged.Count} of {_options.JudgedWindows} to judge: {text}", gains, errors);
        }

        var largest = LargestGap(gains, errors);
        Raise(largest);
        return (IppoAction.RaiseWeight, _objectives[largest], $"{verdict}not better on every objective, and furthest behind on {_objectives[largest]}: {text}", gains, errors);
    }

    private static double[] Normalised(IReadOnlyList<double> weights)
    {
        if (weights.Any(weight => !(weight > 0) || !double.IsFinite(weight)))
        {
            throw new ArgumentException($"weights {string.Join(", ", weights)} came; expected finite numbers above 0", nameof(weights));
        }

        var sum = weights.Sum();
        return [.. weights.Select(weight => weight / sum)];
    }

    private void Raise(int objective)
    {
        _reference[objective] += _options.Delta / _objectives.Count;
        _reference = Normalised(_reference);
        Restart();
    }

    private void Restart()
    {
        _judged.Clear();
        _dominated = 0;
        _burnIn = _options.BurnInWindows;
    }

    // Windows have different users or different days of them: their errors are taken as independent.
    private (double[] Gains, double[] Errors) Pool()
    {
        var rows = (double)_judged.Sum(window => window.Rows);
        var (gains, errors) = (new double[_objectives.Count], new double[_objectives.Count]);
        for (var objective = 0; objective < gains.Length; objective++)
        {
            foreach (var window in _judged)
            {
                var share = window.Rows / rows;
                gains[objective] += share * (window.Reference[objective] - window.Base[objective]);
                errors[objective] += share * share * window.StandardErrors[objective] * window.StandardErrors[objective];
            }

            errors[objective] = Math.Sqrt(errors[objective]);
        }

        return (gains, errors);
    }

    // The objective with the fewest users, if they are too few. The paper's rule asks nobody.
    private (int Objective, int Users)? Uncovered()
    {
        int Users(int objective) => _judged.Sum(window => window.Users[objective]);
        var fewest = Enumerable.Range(0, _objectives.Count).MinBy(Users);
        return _options.Guard == IppoGuard.Confidence && Users(fewest) < _options.MinimumUsers ? (fewest, Users(fewest)) : null;
    }

    private bool Dominates(double[] gains, double[] errors)
    {
        for (var objective = 0; objective < gains.Length; objective++)
        {
            var least = _options.Guard == IppoGuard.Confidence ? _criticalValue * errors[objective] : 0;
            if (!(gains[objective] > least))
            {
                return false;
            }
        }

        return true;
    }

    private int LargestGap(double[] gains, double[] errors)
    {
        var last = _judged[^1];
        // A reference that just became the base lacks nothing of it: then only the ceiling tells where to go.
        var isBase = last.Base.SequenceEqual(last.Reference);
        double Gap(int objective) => _options.Gap switch
        {
            _ when isBase => last.Ranking[objective] - last.Reference[objective],
            IppoGap.RankingOverReference => last.Ranking[objective] - last.Reference[objective],
            IppoGap.LeastCertain => -gains[objective] / errors[objective],
            _ => last.Base[objective] - last.Reference[objective],
        };
        return Enumerable.Range(0, _objectives.Count).MaxBy(Gap);
    }

    // Rounded first: what rounds to nothing has no sign.
    private string Text(double[] gains, double[] errors) => string.Join(", ", _objectives.Select((name, objective) => string.Create(
        CultureInfo.InvariantCulture, $"{name} {Math.Round(100 * gains[objective], 2):+0.00;-0.00;0.00} ± {100 * errors[objective]:0.00}")));
}

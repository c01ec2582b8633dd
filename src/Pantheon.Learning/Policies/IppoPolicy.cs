using System.Globalization;

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
    private readonly List<IppoWindow> _judged = [];
    private double[] _base;
    private double[] _reference;
    private int _burnIn;

    /// <param name="name">Of the reference, for the journal.</param>
    /// <param name="objectives">Their names.</param>
    /// <param name="baseWeights">w of the first base, any positive scale; equal ones stand for a base that has none, such as a formula.</param>
    /// <param name="referenceWeights">w of the first reference.</param>
    public IppoPolicy(
        string name, IReadOnlyList<string> objectives, IReadOnlyList<double> baseWeights, IReadOnlyList<double> referenceWeights, IppoOptions options)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        ArgumentNullException.ThrowIfNull(objectives);
        ArgumentNullException.ThrowIfNull(options);
        options.Check();
        (_name, _objectives, _options) = (name, objectives, options);
        (_base, _reference) = (Normalised(baseWeights), Normalised(referenceWeights));
        _burnIn = options.BurnInWindows;
    }

    /// <summary>w of the base, summing to 1.</summary>
    public IReadOnlyList<double> BaseWeights => _base;

    /// <summary>w of the reference, summing to 1.</summary>
    public IReadOnlyList<double> ReferenceWeights => _reference;

    /// <summary>Another reference became the base: what was judged against the old one counts no more.</summary>
    /// <param name="baseWeights">w of the new base.</param>
    public void Rebase(IReadOnlyList<double> baseWeights)
    {
        _base = Normalised(baseWeights);
        Restart();
    }

    /// <summary>Decides after a window. The caller then copies the reference over the base, or trains it with its new weights.</summary>
    /// <exception cref="ArgumentException">The window has figures for another number of objectives.</exception>
    public IppoDecision Decide(IppoWindow window)
    {
        ArgumentNullException.ThrowIfNull(window);
        foreach (var figures in (IReadOnlyList<double>[])[window.Base, window.Reference, window.Ranking, window.StandardErrors])
        {
            if (figures.Count != _objectives.Count)
            {
                throw new ArgumentException($"window {window.Name}: {figures.Count} figures came; expected {_objectives.Count}, one for each objective", nameof(window));
            }
        }

        if (_burnIn > 0)
        {
            _burnIn--;
            return Decision(window, IppoAction.Wait, null, "the reference still learns its weights", [], []);
        }

        // An objective without users of both classes says nothing; a window with one says nothing about dominance.
        if (window.Base.Concat(window.Reference).Concat(window.StandardErrors).Any(figure => !double.IsFinite(figure)))
        {
            return Decision(window, IppoAction.Wait, null, "an objective has no GAUC in this window", [], []);
        }

        _judged.Add(window);
        var (gains, errors) = Pool();
        if (Dominates(gains, errors))
        {
            _base = [.. _reference];
            Restart();
            return Decision(window, IppoAction.Promote, null, $"better on every objective: {Text(gains, errors)}", gains, errors);
        }

        if (_judged.Count < _options.JudgedWindows)
        {
            return Decision(window, IppoAction.Wait, null, $"window {_judged.Count} of {_options.JudgedWindows} to judge: {Text(gains, errors)}", gains, errors);
        }

        var largest = LargestGap(gains, errors);
        _reference[largest] += _options.Delta / _objectives.Count;
        _reference = Normalised(_reference);
        Restart();
        return Decision(window, IppoAction.RaiseWeight, _objectives[largest], $"not better on every objective, and furthest behind on {_objectives[largest]}: {Text(gains, errors)}", gains, errors);
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

    private void Restart()
    {
        _judged.Clear();
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

    private bool Dominates(double[] gains, double[] errors)
    {
        for (var objective = 0; objective < gains.Length; objective++)
        {
            var least = _options.Guard == IppoGuard.Confidence ? _options.StandardErrors * errors[objective] : 0;
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

    private IppoDecision Decision(IppoWindow window, IppoAction action, string? objective, string reason, double[] gains, double[] errors) =>
        new(window.Name, _name, action, objective, reason, gains, errors, [.. _base], [.. _reference]);
}

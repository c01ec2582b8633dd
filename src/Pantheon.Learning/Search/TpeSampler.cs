using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Search;

/// <summary>
/// The tree-structured Parzen estimator (Bergstra et al., NIPS 2011) with the choices of Optuna's sampler: of points drawn from the
/// density l of the best trials, propose the one with the highest l / g, g being the density of the others. A proposal depends on the
/// seed, its number and the completed trials alone.
/// </summary>
internal sealed class TpeSampler(SearchSpace space, StudyOptions options)
{
    private const int MostBest = 25;

    /// <summary>How many of n trials are the best: <c>min(ceil(0.1 n), 25)</c>.</summary>
    public static int BestOf(int trials) => Math.Min((trials + 9) / 10, MostBest);

    /// <summary>What the best trials and the others tried, oldest first, in the inner space: <c>[D][n]</c>.</summary>
    public (double[][] Good, double[][] Others) Split(IReadOnlyList<CompletedTrial> trials)
    {
        bool[] best = Best(trials);
        return (Observations(trials, best, true), Observations(trials, best, false));
    }

    /// <param name="number">The trial's number.</param>
    /// <param name="completed">Ascending by number.</param>
    public double[] Propose(int number, IReadOnlyList<CompletedTrial> completed)
    {
        if (number < options.Initial.Count)
        {
            return [.. options.Initial[number]];
        }

        var random = new SplitMix(options.Seed, (ulong)number);
        var useful = new List<CompletedTrial>(completed.Count);
        foreach (var trial in completed)
        {
            if (!trial.Failed)
            {
                useful.Add(trial);
            }
        }

        double[] inside = useful.Count < options.StartupTrials ? AtRandom(ref random) : Promising(ref random, useful);
        for (int index = 0; index < inside.Length; index++)
        {
            inside[index] = space.Parameters[index].Outside(inside[index]);
        }

        return inside;
    }

    private double[] AtRandom(ref SplitMix random)
    {
        double[] point = new double[space.Parameters.Count];
        for (int index = 0; index < point.Length; index++)
        {
            var (low, high) = Range(index);
            point[index] = low + (random.NextDouble() * (high - low));
        }

        return point;
    }

    private double[] Promising(ref SplitMix random, List<CompletedTrial> trials)
    {
        int dimensions = space.Parameters.Count;
        var (good, others) = Split(trials);
        double[] low = new double[dimensions];
        double[] high = new double[dimensions];
        for (int index = 0; index < dimensions; index++)
        {
            (low[index], high[index]) = Range(index);
        }

        if (options.Multivariate)
        {
            return Promising(ref random, good, others, low, high);
        }

        double[] point = new double[dimensions];
        for (int index = 0; index < dimensions; index++)
        {
            point[index] = Promising(ref random, [good[index]], [others[index]], [low[index]], [high[index]])[0];
        }

        return point;
    }

    private double[] Promising(ref SplitMix random, double[][] good, double[][] others, double[] low, double[] high)
    {
        var l = new ParzenEstimator(good, low, high, options.Multivariate);
        var g = new ParzenEstimator(others, low, high, options.Multivariate);
        double[] candidate = new double[good.Length];
        double[] chosen = new double[good.Length];
        double highest = double.NegativeInfinity;
        for (int draw = 0; draw < options.Candidates; draw++)
        {
            l.Draw(ref random, candidate);
            double gain = l.LogDensity(candidate) - g.LogDensity(candidate);
            if (gain > highest)
            {
                highest = gain;
                candidate.CopyTo(chosen, 0);
            }
        }

        return chosen;
    }

    private bool[] Best(IReadOnlyList<CompletedTrial> trials)
    {
        double[] scores = new double[trials.Count];
        int[] places = new int[trials.Count];
        for (int place = 0; place < scores.Length; place++)
        {
            scores[place] = options.Maximise ? -trials[place].Score : trials[place].Score;
            places[place] = place;
        }

        // Equal scores by age, which a plain sort by score would leave open.
        Array.Sort(places, (a, b) => scores[a] != scores[b] ? scores[a].CompareTo(scores[b]) : a.CompareTo(b));
        bool[] best = new bool[trials.Count];
        for (int place = 0; place < BestOf(trials.Count); place++)
        {
            best[places[place]] = true;
        }

        return best;
    }

    private double[][] Observations(IReadOnlyList<CompletedTrial> trials, bool[] best, bool wanted)
    {
        int count = 0;
        foreach (bool one in best)
        {
            count += one == wanted ? 1 : 0;
        }

        double[][] observations = new double[space.Parameters.Count][];
        for (int index = 0; index < observations.Length; index++)
        {
            observations[index] = new double[count];
            int next = 0;
            for (int place = 0; place < trials.Count; place++)
            {
                if (best[place] == wanted)
                {
                    observations[index][next++] = space.Parameters[index].Inside(trials[place].Values[index]);
                }
            }
        }

        return observations;
    }

    private (double Low, double High) Range(int index)
    {
        var parameter = space.Parameters[index];
        return (parameter.Inside(parameter.Low), parameter.Inside(parameter.High));
    }
}

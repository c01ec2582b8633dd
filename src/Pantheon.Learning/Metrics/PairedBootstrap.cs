using System.Numerics.Tensors;

namespace Pantheon.Learning.Metrics;

/// <summary>
/// How sure a GAUC, and a difference of two, is: users are resampled, each counting Poisson(1) times, with the same counts for every
/// scoring and objective, so that what is common to two scorings cancels in their difference. A user's AUCs do not change, so a
/// replicate is one weighted sum for each scoring and objective. Deterministic for a seed, whatever the threads.
/// </summary>
public static class PairedBootstrap
{
    /// <param name="baseline">What the others are compared with, and its name.</param>
    /// <param name="others">Scorings of the same rows against the same labels, and their names.</param>
    /// <param name="options">1000 replicates and 95 % if left out.</param>
    /// <exception cref="ArgumentException">A scoring was measured against other labels, or an option is out of its range.</exception>
    public static BootstrapReport Compare(
        (string Name, UserAucs Aucs) baseline, IReadOnlyList<(string Name, UserAucs Aucs)> others, BootstrapOptions? options = null)
    {
        ArgumentNullException.ThrowIfNull(baseline.Aucs);
        ArgumentNullException.ThrowIfNull(others);
        options ??= new BootstrapOptions();
        options.Check();
        var labels = baseline.Aucs.Labels;
        (string Name, UserAucs Aucs)[] all = [baseline, .. others];
        foreach (var (name, aucs) in all)
        {
            if (aucs.Labels != labels)
            {
                throw new ArgumentException(
                    $"'{name}' was measured against other labels than '{baseline.Name}'; expected the same", nameof(others));
            }
        }

        double[][] samples = Resample(labels, all, options);
        return BootstrapSummary.Of(labels, all, samples, options);
    }

    /// <summary>GAUC of each scoring and objective (scorings outermost), then of each replicate: <c>[S * M][replicates]</c>.</summary>
    private static double[][] Resample(ObjectiveLabels labels, (string Name, UserAucs Aucs)[] scorings, BootstrapOptions options)
    {
        int objectives = labels.Objectives;
        int users = labels.Groups.Count;
        double[][] exposures = new double[objectives][];
        double[][] weighted = new double[scorings.Length * objectives][];
        var offsets = labels.Groups.Offsets;
        for (int objective = 0; objective < objectives; objective++)
        {
            exposures[objective] = new double[users];
            for (int user = 0; user < users; user++)
            {
                bool mixed = (labels.Mixed[user] >> objective & 1) != 0;
                exposures[objective][user] = mixed ? offsets[user + 1] - offsets[user] : 0;
            }

            for (int scoring = 0; scoring < scorings.Length; scoring++)
            {
                double[] sums = new double[users];
                var aucs = scorings[scoring].Aucs.Of(objective);
                for (int user = 0; user < users; user++)
                {
                    sums[user] = exposures[objective][user] == 0 ? 0 : aucs[user] * exposures[objective][user];
                }

                weighted[(scoring * objectives) + objective] = sums;
            }
        }

        double[][] samples = new double[weighted.Length][];
        for (int column = 0; column < samples.Length; column++)
        {
            samples[column] = new double[options.Replicates];
        }

        Parallel.For(
            0, options.Replicates, () => new double[users],
            (replicate, _, counts) =>
            {
                PoissonCounts.Fill(counts, options.Seed, (ulong)replicate);
                for (int objective = 0; objective < objectives; objective++)
                {
                    double total = TensorPrimitives.Dot<double>(counts, exposures[objective]);
                    for (int column = objective; column < samples.Length; column += objectives)
                    {
                        samples[column][replicate] = TensorPrimitives.Dot<double>(counts, weighted[column]) / total;
                    }
                }

                return counts;
            },
            _ => { });
        return samples;
    }
}

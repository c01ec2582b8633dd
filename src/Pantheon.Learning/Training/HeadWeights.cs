using Pantheon.Modeling;

namespace Pantheon.Learning.Training;

/// <summary>The weights w of Pantheon Eq. 8.</summary>
public static class HeadWeights
{
    /// <summary>
    /// A head's weights in the objectives' order, summing to 1. Without any given, the inverse of each objective's rate: the paper asks
    /// for weights that balance the density of positives, and this way each objective adds as much positive label as any other. In a
    /// loss over pairs, the inverse of the share of groups that have both classes, if users were alike: each objective's GAUC then counts
    /// as much as any other.
    /// </summary>
    /// <param name="group">Rows of one user that stand together; only a loss over pairs reads it.</param>
    /// <exception cref="ArgumentException">An objective has no weight, a weight is not positive, or there is one of no objective.</exception>
    public static float[] Of(HeadOptions head, IReadOnlyList<string> objectives, IReadOnlyList<float> priors, int group = 0)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (head.Weights?.Keys.Except(objectives).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"head '{head.Name}': a weight of '{unknown}' came; expected the objectives {string.Join(", ", objectives)}");
        }

        var weights = objectives.Select((objective, index) => head.Weights is null ? 1 / Density(head.Loss, priors[index], group)
            : head.Weights.TryGetValue(objective, out var weight) && weight > 0 && double.IsFinite(weight) ? weight
            : throw new ArgumentException($"head '{head.Name}': objective '{objective}' has no weight above 0")).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }

    private static double Density(HeadLoss loss, double prior, int group) =>
        loss == HeadLoss.Pairwise ? 1 - Math.Pow(prior, group) - Math.Pow(1 - prior, group) : prior;
}

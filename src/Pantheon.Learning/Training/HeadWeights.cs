using Pantheon.Modeling;

namespace Pantheon.Learning.Training;

/// <summary>The weights w of Pantheon Eq. 8.</summary>
public static class HeadWeights
{
    /// <summary>
    /// A head's weights in the objectives' order, summing to 1. Without any given, the inverse of each objective's rate: the paper asks
    /// for weights that balance the density of positives, and this way each objective adds as much positive label as any other.
    /// </summary>
    /// <exception cref="ArgumentException">An objective has no weight, a weight is not positive, or there is one of no objective.</exception>
    public static float[] Of(HeadOptions head, IReadOnlyList<string> objectives, IReadOnlyList<float> priors)
    {
        ArgumentNullException.ThrowIfNull(head);
        if (head.Weights?.Keys.Except(objectives).FirstOrDefault() is { } unknown)
        {
            throw new ArgumentException($"head '{head.Name}': a weight of '{unknown}' came; expected the objectives {string.Join(", ", objectives)}");
        }

        var weights = objectives.Select((objective, index) => head.Weights is null ? 1 / (double)priors[index]
            : head.Weights.TryGetValue(objective, out var weight) && weight > 0 && double.IsFinite(weight) ? weight
            : throw new ArgumentException($"head '{head.Name}': objective '{objective}' has no weight above 0")).ToArray();
        var sum = weights.Sum();
        return [.. weights.Select(weight => (float)(weight / sum))];
    }
}

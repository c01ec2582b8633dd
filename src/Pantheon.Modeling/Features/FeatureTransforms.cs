using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Features;

/// <summary>What happens to plain numbers inside the graph, so that a gateway sends counts and seconds and cannot get it wrong.</summary>
public static class FeatureTransforms
{
    // Logarithms of counts, durations and ages reach 15; a quarter brings them into the range of the other inputs.
    private const float LogarithmScale = 0.25f;

    /// <summary>A feature of numbers as networks read it: [n, width]; null for one of ids.</summary>
    /// <inheritdoc cref="Evidence"/>
    public static Tensor? Numbers(this FeatureInputs inputs, Feature feature, IReadOnlyList<float> priors, float strength)
    {
        ArgumentNullException.ThrowIfNull(inputs);
        return feature switch
        {
            DenseFeature dense => dense.Transformed(inputs[dense]),
            CountFeature count => Evidence(inputs[count], priors, strength),
            _ => null,
        };
    }

    /// <summary>A dense feature: [n, width].</summary>
    public static Tensor Transformed(this DenseFeature feature, Tensor value) => feature.Transform switch
    {
        DenseTransform.None => value,
        DenseTransform.Log1p => (value + 1f).Log() * LogarithmScale,
        _ => throw new ArgumentOutOfRangeException(nameof(feature), feature.Transform, null),
    };

    /// <summary>
    /// Counts as evidence: [n, 1 + M] to [n, 1 + M], the logarithm of the exposures and, for each objective, the log-odds of its smoothed
    /// rate over those of its prior, log((c + k p) / (e - c + k (1 - p))) - log(p / (1 - p)). Nothing seen gives 0.
    /// </summary>
    /// <param name="counts">Exposures e, then how often each objective came of them, c.</param>
    /// <param name="priors">Each objective's rate p over all training rows, strictly between 0 and 1.</param>
    /// <param name="strength">k: how many exposures the prior is worth.</param>
    public static Tensor Evidence(Tensor counts, IReadOnlyList<float> priors, float strength)
    {
        var graph = counts.Graph;
        var parts = counts.Split(1, [1, priors.Count]);
        var (exposures, positives) = (parts[0], parts[1]);
        var prior = graph.Constant([.. priors.Select(rate => strength * rate)], priors.Count);
        var rest = graph.Constant([.. priors.Select(rate => strength * (1 - rate))], priors.Count);
        var offset = graph.Constant([.. priors.Select(rate => MathF.Log(rate / (1 - rate)))], priors.Count);
        // A gateway's counters may be out of step by an event: never the logarithm of a negative number.
        var negatives = (exposures - positives).Relu();
        var odds = (positives + prior).Log() - (negatives + rest).Log() - offset;
        return graph.Concat(1, (exposures + 1f).Log() * LogarithmScale, odds);
    }
}

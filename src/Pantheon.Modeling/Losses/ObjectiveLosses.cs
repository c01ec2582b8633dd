using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Losses;

/// <summary>
/// The losses of Pantheon Eq. 2 and 8, as means over the rows that count. Both equations print -(y log s - (1-y) log(1-s)); the sign
/// between the terms is a plus.
/// </summary>
public static class ObjectiveLosses
{
    /// <summary>Eq. 2: the sum over objectives of the binary cross-entropy of each Pxtr.</summary>
    /// <param name="logits">[n, M].</param>
    /// <param name="labels">[n, M], 0 or 1.</param>
    /// <param name="rowWeights">[n]: 1, or 0 for a row that only fills the batch.</param>
    public static Tensor Ranking(Tensor logits, Tensor labels, Tensor rowWeights) =>
        Mean(logits.BinaryCrossEntropy(labels).ReduceSum([1]), rowWeights);

    /// <summary>
    /// Eq. 8 with weights that sum to 1: sum_m w_m BCE(y_m, s) equals BCE(sum_m w_m y_m, s) exactly, as BCE is linear in the label; so
    /// one cross-entropy with a soft label is all it takes.
    /// </summary>
    /// <param name="logit">[n, 1]: of the fused score.</param>
    /// <param name="labels">[n, M], 0 or 1.</param>
    /// <param name="weights">[M], summing to 1: an input or a constant, so that they can change without another graph.</param>
    public static Tensor Fused(Tensor logit, Tensor labels, Tensor weights, Tensor rowWeights)
    {
        var soft = labels.MatMul(weights.Unsqueeze(1));
        return Mean(logit.BinaryCrossEntropy(soft).Squeeze(1), rowWeights);
    }

    private static Tensor Mean(Tensor perRow, Tensor rowWeights) => (perRow * rowWeights).ReduceSum() / rowWeights.ReduceSum();
}

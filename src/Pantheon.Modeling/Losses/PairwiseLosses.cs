using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Losses;

/// <summary>
/// A differentiable surrogate of 1 - GAUC (Pantheon Eq. 15), for batches in which each user's rows stand together in groups of one
/// size: log(1 + exp(s_j - s_i)) over the pairs of a group whose i is positive and j negative, their mean weighted by the group's rows as
/// GAUC weights users. A group of one class has no pairs, so a user who never follows has no say in what follow wants of the score.
/// Our choice of surrogate; the paper trains on cross-entropy and only selects by GAUC.
/// </summary>
public static class PairwiseLosses
{
    /// <summary>One score for all objectives: their losses weighted by w.</summary>
    /// <param name="logit">[n, 1], n a multiple of <paramref name="group"/>.</param>
    /// <param name="labels">[n, M], 0 or 1.</param>
    /// <param name="weights">[M], summing to 1.</param>
    /// <param name="rowWeights">[n]: 1, or 0 for a row that only fills its group.</param>
    /// <param name="group">Rows of one user that stand together, at least 2.</param>
    public static Tensor Fused(Tensor logit, Tensor labels, Tensor weights, Tensor rowWeights, int group)
    {
        var rows = Groups(labels, rowWeights, group);
        // How much it costs to have i below j, over all objectives: one product of matrices per group.
        var cost = (rows.Positives * rows.Coefficients * weights).MatMul(rows.Negatives.Transpose(0, 2, 1));
        var score = logit.Reshape(-1, group, 1);
        var behind = (score.Transpose(0, 2, 1) - score).Softplus();
        return (cost * behind).ReduceSum() / rowWeights.ReduceSum();
    }

    /// <summary>A score of its own for each objective: the sum of their losses.</summary>
    /// <param name="logits">[n, M].</param>
    public static Tensor Ranking(Tensor logits, Tensor labels, Tensor rowWeights, int group)
    {
        var objectives = logits.Shape[1].Value!.Value;
        var rows = Groups(labels, rowWeights, group);
        var positives = (rows.Positives * rows.Coefficients).Transpose(0, 2, 1).Unsqueeze(3);
        var negatives = rows.Negatives.Transpose(0, 2, 1).Unsqueeze(2);
        var scores = logits.Reshape(-1, group, objectives).Transpose(0, 2, 1);
        var behind = (scores.Unsqueeze(2) - scores.Unsqueeze(3)).Softplus();
        return (positives * negatives * behind).ReduceSum() / rowWeights.ReduceSum();
    }

    // Coefficients: rows / (positives x negatives), so that a group's mean over pairs counts as much as it has rows.
    private static (Tensor Positives, Tensor Negatives, Tensor Coefficients) Groups(Tensor labels, Tensor rowWeights, int group)
    {
        var objectives = labels.Shape[1].Value!.Value;
        var there = rowWeights.Reshape(-1, group, 1);
        var positives = labels.Reshape(-1, group, objectives) * there;
        var negatives = there - positives;
        var pairs = positives.ReduceSum([1], keepDimensions: true) * negatives.ReduceSum([1], keepDimensions: true);
        return (positives, negatives, there.ReduceSum([1], keepDimensions: true) / pairs.Max(labels.Graph.Constant(1f)));
    }
}

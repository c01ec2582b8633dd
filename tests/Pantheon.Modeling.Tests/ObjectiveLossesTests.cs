using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Tests;

public sealed class ObjectiveLossesTests
{
    private const int Rows = 6;
    private const int Objectives = 3;

    private static readonly float[] s_logits = [-30, -2, -0.1f, 0.4f, 3, 25];
    private static readonly float[] s_labels = [0, 0, 0, 1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 1, 1, 0, 0, 1];
    private static readonly float[] s_weights = [0.2f, 0.5f, 0.3f];
    private static readonly float[] s_rowWeights = [1, 1, 1, 1, 0, 1];

    // sum_m w_m BCE(y_m, s) = BCE(sum_m w_m y_m, s) for weights that sum to 1, in value and in gradient.
    [Fact]
    public void Fused_OneSoftLabel_IsTheWeightedSumOfEq8()
    {
        var (loss, gradient) = Run(1, (logit, labels, weights, rows) => ObjectiveLosses.Fused(logit, labels, weights, rows), s_logits);

        double expected = 0;
        for (var row = 0; row < Rows; row++)
        {
            double score = 1 / (1 + Math.Exp(-s_logits[row]));
            double slope = 0;
            for (var objective = 0; objective < Objectives; objective++)
            {
                var label = s_labels[(row * Objectives) + objective];
                expected += s_rowWeights[row] * s_weights[objective] * CrossEntropy(s_logits[row], label) / 5;
                slope += s_rowWeights[row] * s_weights[objective] * (score - label) / 5;
            }

            Assert.Equal(slope, gradient[row], 1e-6);
        }

        Assert.Equal(expected, loss, 1e-5);
    }

    [Fact]
    public void Ranking_EachObjective_HasItsOwnCrossEntropy()
    {
        float[] logits = [.. s_logits, .. s_logits.Reverse(), .. s_logits];

        var (loss, _) = Run(Objectives, (logit, labels, _, rows) => ObjectiveLosses.Ranking(logit, labels, rows), logits);

        double expected = 0;
        for (var index = 0; index < logits.Length; index++)
        {
            expected += s_rowWeights[index / Objectives] * CrossEntropy(logits[index], s_labels[index]) / 5;
        }

        Assert.Equal(expected, loss, 1e-5);
    }

    private static double CrossEntropy(double logit, double label) =>
        (label * Math.Log(1 + Math.Exp(-logit))) + ((1 - label) * Math.Log(1 + Math.Exp(logit)));

    private static (float Loss, float[] Gradient) Run(int columns, Func<Tensor, Tensor, Tensor, Tensor, Tensor> build, float[] logits) =>
        new LossRun(s_labels, s_weights, s_rowWeights).Of(columns, build, logits);
}

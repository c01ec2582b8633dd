using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Tests;

/// <summary>The pairwise losses against loops over all pairs, and their gradients against differences of those loops.</summary>
public sealed class PairwiseLossesTests
{
    private const int Group = 4;
    private const int Rows = 12;
    private const int Objectives = 2;

    private static readonly float[] s_weights = [0.3f, 0.7f];

    // The last group has two rows; the second has one class of the first objective.
    private static readonly float[] s_rowWeights = [1, 1, 1, 1, 1, 1, 1, 1, 1, 1, 0, 0];
    private static readonly float[] s_labels = [1, 0, 0, 0, 0, 1, 1, 1, /**/ 0, 1, 0, 0, 0, 0, 0, 1, /**/ 1, 0, 0, 1, 1, 1, 0, 0];

    [Fact]
    public void Fused_IsTheMeanOverPairsOfEachUser()
    {
        var scores = Draw(Rows, seed: 1);

        var (loss, gradient) = Run(1, (logit, labels, weights, rows) => PairwiseLosses.Fused(logit, labels, weights, rows, Group), scores);

        Verify(values => Enumerable.Range(0, Objectives).Sum(objective => s_weights[objective] * Pairs(values, 1, 0, objective)), scores, loss, gradient);
    }

    [Fact]
    public void Ranking_IsEachObjectivesOwnMeanOverPairs()
    {
        var scores = Draw(Rows * Objectives, seed: 2);

        var (loss, gradient) = Run(Objectives, (logit, labels, _, rows) => PairwiseLosses.Ranking(logit, labels, rows, Group), scores);

        Verify(values => Enumerable.Range(0, Objectives).Sum(objective => Pairs(values, Objectives, objective, objective)), scores, loss, gradient);
    }

    // The rows that only fill their group, and a group of one class, move nothing.
    [Fact]
    public void Fused_RowsThatDoNotCount_HaveNoGradient()
    {
        var (_, gradient) = Run(1, (logit, labels, weights, rows) => PairwiseLosses.Fused(logit, labels, weights, rows, Group), Draw(Rows, seed: 3));

        Assert.Equal([0, 0], gradient[10..]);
        Assert.All(gradient[..10], value => Assert.NotEqual(0, value));
    }

    private static double Pairs(double[] scores, int columns, int column, int objective)
    {
        double sum = 0;
        for (var start = 0; start < Rows; start += Group)
        {
            var rows = Enumerable.Range(start, Group).Where(row => s_rowWeights[row] > 0).ToList();
            var positives = rows.Where(row => s_labels[(row * Objectives) + objective] == 1).ToList();
            var negatives = rows.Except(positives).ToList();
            foreach (var (i, j) in positives.SelectMany(i => negatives.Select(j => (i, j))))
            {
                sum += rows.Count * Math.Log(1 + Math.Exp(scores[(j * columns) + column] - scores[(i * columns) + column])) / (positives.Count * negatives.Count);
            }
        }

        return sum / s_rowWeights.Sum();
    }

    private static void Verify(Func<double[], double> oracle, float[] scores, float loss, float[] gradient)
    {
        double[] values = [.. scores.Select(score => (double)score)];
        Assert.Equal(oracle(values), loss, 1e-5);
        for (var index = 0; index < values.Length; index++)
        {
            double At(double by)
            {
                values[index] += by;
                var result = oracle(values);
                values[index] -= by;
                return result;
            }

            Assert.Equal((At(1e-5) - At(-1e-5)) / 2e-5, gradient[index], 1e-5);
        }
    }

    private static float[] Draw(int count, int seed)
    {
        var random = new Random(seed);
        return [.. Enumerable.Range(0, count).Select(_ => (random.NextSingle() - 0.5f) * 6)];
    }

    private static (float Loss, float[] Gradient) Run(int columns, Func<Tensor, Tensor, Tensor, Tensor, Tensor> build, float[] logits) =>
        new LossRun(s_labels, s_weights, s_rowWeights).Of(columns, build, logits);
}

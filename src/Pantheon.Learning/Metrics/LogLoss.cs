namespace Pantheon.Learning.Metrics;

/// <summary>Mean binary cross-entropy, in nats.</summary>
public static class LogLoss
{
    // As scikit-learn clips float32: far below what a calibrated model says, and the loss of a confident miss stays finite.
    private const double Clip = 1.1920929e-07;

    /// <param name="probabilities">0 to 1, <c>[n]</c>; clipped to 1.2e-7 from both ends.</param>
    /// <param name="labels">0 and 1, <c>[n]</c>.</param>
    /// <returns>The mean; NaN if there is no row.</returns>
    /// <exception cref="ArgumentException">Lengths differ, or a value is out of its range.</exception>
    public static double Compute(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        Probability.Check(probabilities, labels);
        double sum = 0;
        for (int row = 0; row < probabilities.Length; row++)
        {
            double probability = Math.Clamp((double)probabilities[row], Clip, 1 - Clip);
            sum -= Math.Log(labels[row] != 0 ? probability : 1 - probability);
        }

        return sum / probabilities.Length;
    }
}

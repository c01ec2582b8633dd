namespace Pantheon.Learning.Metrics;

/// <summary>What may be held against labels as a probability.</summary>
internal static class Probability
{
    /// <exception cref="ArgumentException">Lengths differ, or a value is out of its range.</exception>
    public static void Check(ReadOnlySpan<float> probabilities, ReadOnlySpan<byte> labels)
    {
        if (probabilities.Length != labels.Length)
        {
            throw new ArgumentException($"{labels.Length} labels came; expected {probabilities.Length}, one for each row", nameof(labels));
        }

        foreach (float probability in probabilities)
        {
            if (!(probability is >= 0 and <= 1))
            {
                throw new ArgumentException($"{probability} came; expected a probability, 0 to 1", nameof(probabilities));
            }
        }

        if (labels.IndexOfAnyExceptInRange((byte)0, (byte)1) is var label and >= 0)
        {
            throw new ArgumentException($"label {labels[label]} came; expected 0 or 1", nameof(labels));
        }
    }
}

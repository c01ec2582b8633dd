namespace Pantheon.Learning.Evaluation;

/// <summary>Fusions of Pxtrs that nothing was tuned for: what any tuned or learned one has to beat.</summary>
public static class SimpleFusions
{
    /// <summary>Pantheon Eq. 3 with every exponent 1: prod_m (1 + p_m), as its logarithm.</summary>
    public static float[] Product(IReadOnlyList<float[]> pxtrs) => Sum(pxtrs, (value, _) => Math.Log(1 + value));

    /// <summary>sum_m log max(p_m, 1e-6), each objective counting the same.</summary>
    public static float[] LogLinear(IReadOnlyList<float[]> pxtrs) => Sum(pxtrs, (value, _) => Math.Log(Math.Max(value, 1e-6)));

    /// <summary>sum_m w_m p_m: what a Pantheon head's soft label makes the best score of true Pxtrs.</summary>
    public static float[] Linear(IReadOnlyList<float[]> pxtrs, IReadOnlyList<float> weights) =>
        Sum(pxtrs, (value, objective) => weights[objective] * (double)value);

    private static float[] Sum(IReadOnlyList<float[]> pxtrs, Func<float, int, double> term)
    {
        ArgumentNullException.ThrowIfNull(pxtrs);
        var scores = new float[pxtrs[0].Length];
        Parallel.For(0, (scores.Length + 8191) / 8192, block =>
        {
            for (var row = block * 8192; row < Math.Min(scores.Length, (block + 1) * 8192); row++)
            {
                var sum = 0.0;
                for (var objective = 0; objective < pxtrs.Count; objective++)
                {
                    sum += term(pxtrs[objective][row], objective);
                }

                scores[row] = (float)sum;
            }
        });
        return scores;
    }
}

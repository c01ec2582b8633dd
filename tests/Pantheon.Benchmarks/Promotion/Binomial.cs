namespace Pantheon.Benchmarks.Promotion;

/// <summary>Clopper and Pearson's exact limit (Biometrika 26, 1934).</summary>
internal static class Binomial
{
    /// <summary>The rate at which as few as so many successes come in one case of twenty: the one-sided upper 95 % limit.</summary>
    public static double Upper(int successes, int trials)
    {
        var (low, high) = ((double)successes / trials, 1.0);
        for (var step = 0; step < 60 && successes < trials; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = AtMost(successes, trials, middle) > 0.05 ? (middle, high) : (low, middle);
        }

        return high;
    }

    private static double AtMost(int successes, int trials, double rate)
    {
        var (sum, term) = (0.0, trials * Math.Log(1 - rate));
        for (var count = 0; count <= successes; count++)
        {
            sum += Math.Exp(term);
            term += Math.Log((trials - count) / (count + 1.0)) + Math.Log(rate / (1 - rate));
        }

        return sum;
    }
}

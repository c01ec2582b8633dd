namespace Pantheon.Learning.Search;

/// <summary>The standard normal distribution's function.</summary>
public static class NormalMass
{
    private const double RootTwo = 1.4142135623730951;
    private const double TwoOverRootPi = 1.1283791670955126;

    // Beyond it erf is 1 in double.
    private const double End = 6;

    /// <summary>Probability of less than z.</summary>
    public static double Below(double z) => 0.5 * (1 + Erf(z / RootTwo));

    /// <summary>The z that <paramref name="probability"/> lies below, by bisection: for set-up, not for loops. -6 to 6.</summary>
    public static double Quantile(double probability)
    {
        var (low, high) = (-End, End);
        for (var step = 0; step < 60; step++)
        {
            var middle = (low + high) / 2;
            (low, high) = Below(middle) < probability ? (middle, high) : (low, middle);
        }

        return (low + high) / 2;
    }

    /// <summary>
    /// <c>2/sqrt(pi) exp(-x^2) sum_n 2^n x^(2n+1) / (2n+1)!!</c>: all terms of one sign, so nothing cancels, to about 1e-15.
    /// </summary>
    public static double Erf(double x)
    {
        double size = Math.Abs(x);
        if (!(size < End))
        {
            return double.IsNaN(x) ? x : Math.Sign(x);
        }

        double square = x * x;
        double term = x;
        double sum = x;
        for (int n = 3; Math.Abs(term) > 1e-17 * Math.Abs(sum); n += 2)
        {
            term *= 2 * square / n;
            sum += term;
        }

        return Math.Clamp(TwoOverRootPi * Math.Exp(-square) * sum, -1, 1);
    }
}

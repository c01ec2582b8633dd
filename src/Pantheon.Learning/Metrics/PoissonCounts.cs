namespace Pantheon.Learning.Metrics;

/// <summary>
/// How often each user is drawn: independent Poisson(1) counts, the limit of drawing U users with replacement. Their total varies, which
/// a ratio of sums does not feel to first order.
/// </summary>
internal static class PoissonCounts
{
    // P(count <= k) in 2^32nds; the chance of more than 12 is below one of these.
    private static readonly uint[] Cumulative = Table();

    public static void Fill(Span<double> counts, ulong seed, ulong replicate)
    {
        var random = new SplitMix(seed, replicate);
        var cumulative = Cumulative;
        ulong bits = 0;
        for (int user = 0; user < counts.Length; user++)
        {
            bits = (user & 1) == 0 ? random.Next() : bits >> 32;
            uint draw = (uint)bits;
            int count = 0;
            while (count < cumulative.Length && draw >= cumulative[count])
            {
                count++;
            }

            counts[user] = count;
        }
    }

    private static uint[] Table()
    {
        uint[] cumulative = new uint[12];
        double term = Math.Exp(-1);
        double sum = 0;
        for (int count = 0; count < cumulative.Length; count++)
        {
            sum += term;
            term /= count + 1;
            cumulative[count] = (uint)Math.Min(sum * 4294967296.0, uint.MaxValue);
        }

        return cumulative;
    }
}

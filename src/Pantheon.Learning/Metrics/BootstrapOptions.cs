namespace Pantheon.Learning.Metrics;

/// <summary>How <see cref="PairedBootstrap"/> resamples.</summary>
/// <param name="Replicates">At least 2. With 1000 the standard error is within some 2 % of its limit, and a 95 % limit rests on 25.</param>
/// <param name="Confidence">Share of replicates inside an interval, between 0 and 1.</param>
/// <param name="Seed">The same seed resamples the same users.</param>
public sealed record BootstrapOptions(int Replicates = 1000, double Confidence = 0.95, ulong Seed = 1)
{
    internal void Check()
    {
        if (Replicates < 2 || !(Confidence is > 0 and < 1))
        {
            throw new ArgumentException(
                $"{Replicates} replicates and a confidence of {Confidence} came; expected 2 or more, and one between 0 and 1");
        }
    }
}

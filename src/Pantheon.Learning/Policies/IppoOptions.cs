namespace Pantheon.Learning.Policies;

/// <summary>How Iterative Pareto Policy Optimization decides (Pantheon section 3.2).</summary>
public sealed record IppoOptions
{
    /// <summary>How much evidence a promotion takes. The paper's rule promotes on noise: two equal models "dominate" each other by chance.</summary>
    public IppoGuard Guard { get; init; } = IppoGuard.Confidence;

    /// <summary>
    /// With <see cref="IppoGuard.Confidence"/>: how many standard errors every objective's gain has to be above zero. 1.645: each
    /// objective alone is wrong in one case of twenty, and all of them have to hold.
    /// </summary>
    public double StandardErrors { get; init; } = 1.645;

    /// <summary>What the weight to raise is chosen by.</summary>
    public IppoGap Gap { get; init; } = IppoGap.BaseOverReference;

    /// <summary>
    /// Delta over the mean weight: the weight of the largest gap is raised by Delta / M, and all are normalised to a sum of 1. 0.1: the
    /// paper's 0.1 / M.
    /// </summary>
    public double Delta { get; init; } = 0.1;

    /// <summary>Windows after a change in which the reference only trains: what it scores is still the old weights' doing.</summary>
    public int BurnInWindows { get; init; } = 1;

    /// <summary>Windows whose evidence is pooled before the reference is given up and a weight raised. 1 with the paper's rule.</summary>
    public int JudgedWindows { get; init; } = 1;

    internal void Check()
    {
        if (!(StandardErrors >= 0 && Delta > 0 && double.IsFinite(Delta)) || BurnInWindows < 0 || JudgedWindows < 1)
        {
            throw new ArgumentException(
                $"{StandardErrors} standard errors, a delta of {Delta}, {BurnInWindows} windows of burn-in and {JudgedWindows} judged came; expected at least 0, above 0, at least 0 and at least 1");
        }
    }
}

/// <summary>When the reference dominates.</summary>
public enum IppoGuard
{
    /// <summary>The paper's bare rule: every objective's GAUC of the window is above the base's, by however little.</summary>
    None,

    /// <summary>Every objective's pooled gain is some standard errors above zero. Our guard against noise.</summary>
    Confidence,
}

/// <summary>Which distance says what the reference lacks.</summary>
public enum IppoGap
{
    /// <summary>GAUC of the base less that of the reference, as the paper's text reads.</summary>
    BaseOverReference,

    /// <summary>GAUC of the ranking model, the ceiling, less that of the reference.</summary>
    RankingOverReference,

    /// <summary>The pooled gain that is the fewest standard errors above zero: the one that the guard waits for. Ours.</summary>
    LeastCertain,
}

namespace Pantheon.Learning.Policies;

/// <summary>How Iterative Pareto Policy Optimization decides (Pantheon section 3.2).</summary>
public sealed record IppoOptions
{
    /// <summary>How much evidence a promotion takes. The paper's rule promotes on noise: two equal models "dominate" each other by chance.</summary>
    public IppoGuard Guard { get; init; } = IppoGuard.Confidence;

    /// <summary>
    /// With <see cref="IppoGuard.Confidence"/>: the chance, over all references judged side by side, that the evidence of one look holds a
    /// reference for better on every objective that is not. Each objective's gain has to be z standard errors above zero, one-sided, with
    /// z of <c>FamilyWiseError / references</c> (Bonferroni, Dunn 1961). Over the objectives nothing is corrected: all of them have to
    /// hold, an intersection-union test, whose level is that of its parts whatever the correlation (Berger, Technometrics 24, 1982).
    /// 0.05: z is 1.645 with one reference; where all gains are zero the error is far smaller, about 0.05 to the power of M were they
    /// independent; a gain that truly is zero on one objective alone is what the level is for.
    /// </summary>
    public double FamilyWiseError { get; init; } = 0.05;

    /// <summary>
    /// With <see cref="IppoGuard.Confidence"/>: users with both classes that each objective needs in the pooled windows before anything is
    /// decided; until then windows are pooled on. 100: the standard error itself is then good to 1 / sqrt(2 * 100), 7 %, and Student's
    /// quantile within 1 % of the normal one.
    /// </summary>
    public int MinimumUsers { get; init; } = 100;

    /// <summary>
    /// Later windows on which a reference that dominates has to dominate again, each alone (or as many as make
    /// <see cref="MinimumUsers"/>) and with unchanged weights, before it is promoted. Each multiplies the chance of
    /// an error by <see cref="FamilyWiseError"/> at most, since later windows are other evidence. 0 here, where a log's days to test on are the confirmation; 1 in
    /// <see cref="Live"/>.
    /// </summary>
    public int ConfirmWindows { get; init; }

    /// <summary>The defaults where a promotion changes what is served: confirmed by another window.</summary>
    public static IppoOptions Live { get; } = new() { ConfirmWindows = 1 };

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
        if (!(FamilyWiseError is > 0 and < 1 && Delta > 0 && double.IsFinite(Delta)) || MinimumUsers < 1 || ConfirmWindows < 0 || BurnInWindows < 0 || JudgedWindows < 1)
        {
            throw new ArgumentException(
                $"a family-wise error of {FamilyWiseError}, a minimum of {MinimumUsers} users, {ConfirmWindows} windows to confirm, a delta of {Delta}, {BurnInWindows} windows of burn-in and {JudgedWindows} judged came; expected one between 0 and 1, at least 1, at least 0, above 0, at least 0 and at least 1");
        }
    }
}

/// <summary>When the reference dominates.</summary>
public enum IppoGuard
{
    /// <summary>The paper's bare rule: every objective's GAUC of the window is above the base's, by however little.</summary>
    None,

    /// <summary>Every objective has enough users, its pooled gain is some standard errors above zero, and is so again later. Our guard against noise.</summary>
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

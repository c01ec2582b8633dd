using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Learning.Search;

namespace Pantheon.Promotion.Trials;

/// <summary>What users on trial did beside what the base's users did over the same windows.</summary>
/// <param name="BaseUsers">Users of the base with an answer that was shown.</param>
/// <param name="CanaryUsers">Users of the version on trial.</param>
/// <param name="Base">Positives of each objective per answer that was shown.</param>
/// <param name="Canary">The same of the version on trial.</param>
/// <param name="StandardErrors">Of the differences, over users.</param>
public sealed record ArmFigures(int BaseUsers, int CanaryUsers, IReadOnlyList<double> Base, IReadOnlyList<double> Canary, IReadOnlyList<double> StandardErrors);

/// <summary>When outcomes end a trial.</summary>
public sealed record TrialGuard
{
    /// <summary>
    /// Chance that a version that is as good as the base is ended by one look at its outcomes: an objective has to be behind by z standard
    /// errors, one-sided, with z of this over the number of objectives (Bonferroni). Default 0.01: every window is a look.
    /// </summary>
    public double FamilyWiseError { get; init; } = 0.01;

    /// <summary>Users of either side below which outcomes say nothing, and the next step waits. Default 100, as for <see cref="Learning.Policies.IppoOptions.MinimumUsers"/>.</summary>
    public int MinimumUsers { get; init; } = 100;

    internal void Check()
    {
        if (!(FamilyWiseError is > 0 and < 1) || MinimumUsers < 1)
        {
            throw new ArgumentException(FormattableString.Invariant($"guard: got a family-wise error of {FamilyWiseError} and {MinimumUsers} users, expected one between 0 and 1 and at least 1"));
        }
    }

    internal bool IsEnough(ArmFigures figures) => figures.CanaryUsers >= MinimumUsers && figures.BaseUsers >= MinimumUsers;

    /// <summary>The objective that is too far behind; null: none, or too few users to say.</summary>
    internal int? Judge(ArmFigures figures)
    {
        if (!IsEnough(figures))
        {
            return null;
        }

        var z = NormalMass.Quantile(1 - (FamilyWiseError / figures.Base.Count));
        var behind = Enumerable.Range(0, figures.Base.Count).Where(objective => figures.Base[objective] - figures.Canary[objective] > z * figures.StandardErrors[objective]).ToList();
        return behind.Count == 0 ? null : behind.MaxBy(objective => (figures.Base[objective] - figures.Canary[objective]) / figures.StandardErrors[objective]);
    }
}

/// <summary>
/// Adds up outcomes of one step by arm, window after window: with another share of the users the days would weigh otherwise. A ratio of sums over users, who are in one arm only, with its linearised variance
/// (Cochran, Sampling Techniques, 1977, section 2.11). Answers that were drawn at random are left out: they are no version's own.
/// </summary>
internal sealed class ArmComparison(int objectives)
{
    private readonly Dictionary<string, double[]> _base = new(StringComparer.Ordinal);
    private readonly Dictionary<string, double[]> _canary = new(StringComparer.Ordinal);

    /// <summary>Adds a window's rows.</summary>
    /// <param name="canary">The version on trial; other versions than it and the base's are left out.</param>
    /// <param name="since">When the step began; answers before that are left out, of the base too.</param>
    public void Add(IEnumerable<Exposure> rows, long canary, DateTimeOffset since)
    {
        foreach (var shown in rows.GroupBy(row => row.Ranking.Id))
        {
            var ranking = shown.First().Ranking;
            var arm = ranking.Arm == RankingArm.Base ? _base : ranking.Arm == RankingArm.Canary && ranking.Version == canary ? _canary : null;
            if (arm is null || ranking.Explored || ranking.At < since || ranking.UserKey.Length == 0)
            {
                continue;
            }

            if (!arm.TryGetValue(ranking.UserKey, out var sums))
            {
                arm.Add(ranking.UserKey, sums = new double[1 + objectives]);
            }

            sums[0]++;
            foreach (var row in shown)
            {
                for (var objective = 0; objective < objectives; objective++)
                {
                    sums[1 + objective] += row.Labels[objective];
                }
            }
        }
    }

    public ArmFigures Figures()
    {
        var (@base, canary) = (Rates(_base), Rates(_canary));
        return new ArmFigures(
            _base.Count, _canary.Count, @base.Rates, canary.Rates, [.. @base.Variances.Zip(canary.Variances, (one, other) => Math.Sqrt(one + other))]);
    }

    private (double[] Rates, double[] Variances) Rates(Dictionary<string, double[]> users)
    {
        var answers = users.Values.Sum(sums => sums[0]);
        var (rates, variances) = (new double[objectives], new double[objectives]);
        for (var objective = 0; objective < objectives; objective++)
        {
            var rate = answers == 0 ? 0 : users.Values.Sum(sums => sums[1 + objective]) / answers;
            rates[objective] = rate;
            variances[objective] = answers == 0 ? 0 : users.Values.Sum(sums => Math.Pow(sums[1 + objective] - (rate * sums[0]), 2)) / (answers * answers);
        }

        return (rates, variances);
    }
}

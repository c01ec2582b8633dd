using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Search;

/// <summary>How many fixed fusions are drawn, and how.</summary>
/// <param name="Linear">Sums, at least 0.</param>
/// <param name="Power">Products of powers, at least 0.</param>
/// <param name="Decades">Reach of log-uniform weights from the middle of their range.</param>
/// <param name="Seed">The same seed draws the same fusions.</param>
public sealed record FixedFusionOptions(int Linear = 350, int Power = 350, double Decades = 1.5, ulong Seed = 1);

/// <summary>The most that a fixed fusion gains on all objectives at once over a formula.</summary>
/// <param name="WorstGain">
/// The highest, over the fusions, of the lowest gain of any objective. Below 0: no fusion drawn beats the formula on all objectives. NaN
/// if an objective has no GAUC.
/// </param>
/// <param name="Fusion">The fusion that has it.</param>
public sealed record FusionGain(double WorstGain, FusionResult Fusion);

/// <summary>
/// Random fixed fusions of one set of Pxtrs. They show how near a formula is to what any fixed fusion of the same Pxtrs can do: where
/// none beats it on all objectives, a model that does has won by more than its weights. Half of the weights are drawn from a flat
/// Dirichlet, half log-uniformly (our choice; sums weigh a Pxtr in units of its typical size).
/// </summary>
public sealed class FixedFusionFront
{
    private FixedFusionFront(IReadOnlyList<FusionResult> fusions) => Fusions = fusions;

    /// <summary>What was drawn.</summary>
    public IReadOnlyList<FusionResult> Fusions { get; }

    /// <param name="pxtrs">Of logged rows.</param>
    /// <param name="labels">What came of the same rows.</param>
    /// <param name="options">350 of each kind if left out.</param>
    /// <exception cref="ArgumentException">Rows do not fit, or no fusion is wanted.</exception>
    public static FixedFusionFront Sample(
        PxtrTable pxtrs, ObjectiveLabels labels, FixedFusionOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(pxtrs);
        ArgumentNullException.ThrowIfNull(labels);
        options ??= new FixedFusionOptions();
        if (options.Linear < 0 || options.Power < 0 || options.Linear + options.Power == 0 || !(options.Decades > 0))
        {
            throw new ArgumentException($"{options} came; expected one fusion at least, and more than 0 decades", nameof(options));
        }

        var fusions = new List<FusionResult>(options.Linear + options.Power);
        Draw(FormulaFamily.LinearSum, options.Linear);
        Draw(FormulaFamily.PowerProduct, options.Power);
        return new FixedFusionFront(fusions);

        void Draw(FormulaFamily family, int count)
        {
            var space = FormulaSpace.Of(family, pxtrs, options.Decades);
            var search = new FormulaSearch(space, pxtrs, labels, EvalMetric.Equal(labels.Objectives));
            double[] middle = space.Middle();
            for (int fusion = 0; fusion < count; fusion++)
            {
                cancellation.ThrowIfCancellationRequested();
                var random = new SplitMix(options.Seed, ((ulong)family << 32) | (uint)fusion);
                double[] weights = fusion % 2 == 0
                    ? Dirichlet(ref random, middle.Length)
                    : LogUniform(ref random, middle.Length, options.Decades);
                for (int objective = 0; objective < weights.Length; objective++)
                {
                    weights[objective] *= middle[objective];
                }

                fusions.Add(search.Result(weights));
            }
        }
    }

    /// <summary>The fusion with the highest worst gain over a formula.</summary>
    /// <param name="formula">GAUCs of the formula, on the same rows and labels.</param>
    public FusionGain BestWorstGain(GaucTable formula)
    {
        var best = Fusions[0];
        double highest = double.NaN;
        foreach (var fusion in Fusions)
        {
            double worst = fusion.Gauc.WorstGain(formula);
            if (double.IsNaN(highest) || worst > highest)
            {
                highest = worst;
                best = fusion;
            }
        }

        return new FusionGain(highest, best);
    }

    private static double[] Dirichlet(ref SplitMix random, int count)
    {
        double[] weights = new double[count];
        double sum = 0;
        for (int index = 0; index < count; index++)
        {
            sum += weights[index] = random.NextExponential();
        }

        for (int index = 0; index < count; index++)
        {
            weights[index] /= sum;
        }

        return weights;
    }

    private static double[] LogUniform(ref SplitMix random, int count, double decades)
    {
        double[] weights = new double[count];
        for (int index = 0; index < count; index++)
        {
            weights[index] = Math.Pow(10, decades * ((2 * random.NextDouble()) - 1));
        }

        return weights;
    }
}

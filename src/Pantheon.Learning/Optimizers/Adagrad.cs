namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="Adagrad"/>.</summary>
public sealed record AdagradOptions : DenseOptimizerOptions
{
    /// <summary>Added to the root of the sum of squares, above 0. Default 1e-10, as in PyTorch.</summary>
    public double Epsilon { get; init; } = 1e-10;

    /// <summary>What the sums of squares start from, at least 0. Default 0.</summary>
    public double InitialAccumulator { get; init; }

    /// <summary>Times the parameters, added to the gradients, at least 0. Default 0.</summary>
    public double WeightDecay { get; init; }

    public override DenseOptimizer Create(int length) => new Adagrad(this, length);

    internal OptimizerHeader Header(int length)
    {
        Check(Epsilon, InitialAccumulator);
        Setting.Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, WeightDecay, "finite and at least 0", nameof(WeightDecay));
        return new OptimizerHeader(
            "adagrad", 1, length, ("epsilon", Epsilon), ("initial_accumulator", InitialAccumulator), ("weight_decay", WeightDecay));
    }

    internal static void Check(double epsilon, double initialAccumulator)
    {
        // One that is 0 in float would divide 0 by 0 wherever a gradient is 0.
        Setting.Require(double.IsFinite(epsilon) && (float)epsilon > 0, epsilon, "above 0", nameof(Epsilon));
        Setting.Require(
            double.IsFinite(initialAccumulator) && initialAccumulator >= 0, initialAccumulator, "finite and at least 0", nameof(InitialAccumulator));
    }

    internal static float[] Sums(int length, double initialAccumulator)
    {
        var sums = new float[length];
        sums.AsSpan().Fill((float)initialAccumulator);
        return sums;
    }
}

/// <summary>
/// Adagrad with one accumulator per parameter; the same as torch.optim.Adagrad without lr_decay (PyTorch 1.13), to rounding.
/// </summary>
public sealed class Adagrad : DenseOptimizer
{
    private readonly AdagradOptions _options;
    private readonly float[] _sums;

    public Adagrad(AdagradOptions options, int length)
        : this(options, options.Header(length), AdagradOptions.Sums(length, options.InitialAccumulator))
    {
    }

    private Adagrad(AdagradOptions options, OptimizerHeader header, float[] sums)
        : base(header, sums) => (_options, _sums) = (options, sums);

    private protected override void Update(Span<float> parameters, ReadOnlySpan<float> gradients, double rate, float gradientScale) =>
        new AdagradKernel((float)rate, (float)_options.Epsilon, (float)_options.WeightDecay, gradientScale).Update(parameters, gradients, _sums);
}

namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="Adam"/>.</summary>
public sealed record AdamOptions : DenseOptimizerOptions
{
    /// <summary>Decay of the first moment, in [0, 1). Default 0.9, as in the paper.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, in [0, 1). Default 0.999, as in the paper.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment, above 0. Default 1e-8, as in the paper.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>
    /// Decoupled weight decay per unit of learning rate, at least 0: AdamW (Loshchilov and Hutter 2019). Default 0. It belongs on
    /// matrices, not on biases and scales.
    /// </summary>
    public double WeightDecay { get; init; }

    public override DenseOptimizer Create(int length) => new Adam(this, length);

    internal OptimizerHeader Header(int length)
    {
        CheckBetas(Beta1, Beta2, Epsilon);
        Setting.Require(double.IsFinite(WeightDecay) && WeightDecay >= 0, WeightDecay, "finite and at least 0", nameof(WeightDecay));
        return new OptimizerHeader("adam", 1, length, ("beta1", Beta1), ("beta2", Beta2), ("epsilon", Epsilon), ("weight_decay", WeightDecay));
    }

    internal static void CheckBetas(double beta1, double beta2, double epsilon)
    {
        Setting.Require(beta1 is >= 0 and < 1, beta1, "in [0, 1)", nameof(Beta1));
        Setting.Require(beta2 is >= 0 and < 1, beta2, "in [0, 1)", nameof(Beta2));
        // One that is 0 in float would divide 0 by 0 wherever a gradient is 0.
        Setting.Require(double.IsFinite(epsilon) && (float)epsilon > 0, epsilon, "above 0", nameof(Epsilon));
    }
}

/// <summary>
/// Adam with bias correction and, if wished, decoupled weight decay; the same as torch.optim.Adam without weight decay and
/// torch.optim.AdamW with it (PyTorch 1.13), to rounding. A moment below the smallest normal float becomes 0.
/// </summary>
public sealed class Adam : DenseOptimizer
{
    private readonly AdamOptions _options;
    private readonly float[] _first;
    private readonly float[] _second;

    public Adam(AdamOptions options, int length)
        : this(options, options.Header(length), new float[length], new float[length])
    {
    }

    private Adam(AdamOptions options, OptimizerHeader header, float[] first, float[] second)
        : base(header, first, second) => (_options, _first, _second) = (options, first, second);

    private protected override void Update(Span<float> parameters, ReadOnlySpan<float> gradients, double rate, float gradientScale)
    {
        double correction1 = 1 - Math.Pow(_options.Beta1, Steps);
        double root2 = Math.Sqrt(1 - Math.Pow(_options.Beta2, Steps));
        var kernel = new AdamKernel(
            _options.Beta1, _options.Beta2, rate * root2 / correction1, _options.Epsilon * root2, 1 - (rate * _options.WeightDecay), gradientScale);
        kernel.Update(parameters, gradients, _first, _second);
    }
}

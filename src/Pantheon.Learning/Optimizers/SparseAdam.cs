namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="SparseAdam"/>.</summary>
public sealed record SparseAdamOptions : SparseOptimizerOptions
{
    /// <summary>Decay of the first moment, in [0, 1). Default 0.9, as in the paper.</summary>
    public double Beta1 { get; init; } = 0.9;

    /// <summary>Decay of the second moment, in [0, 1). Default 0.999, as in the paper.</summary>
    public double Beta2 { get; init; } = 0.999;

    /// <summary>Added to the root of the second moment before its correction, above 0. Default 1e-8.</summary>
    public double Epsilon { get; init; } = 1e-8;

    public override SparseOptimizer Create(int rows, int width) => new SparseAdam(this, rows, width);

    internal OptimizerHeader Header(int rows, int width)
    {
        AdamOptions.CheckBetas(Beta1, Beta2, Epsilon);
        return new OptimizerHeader("sparse-adam", rows, width, ("beta1", Beta1), ("beta2", Beta2), ("epsilon", Epsilon));
    }

    internal static float[] Moments(int rows, int width) => new float[CheckedLength(rows, width)];
}

/// <summary>
/// Lazy Adam: moments and parameters of a row move only when the row has a gradient, while the bias correction counts all steps; the
/// same as torch.optim.SparseAdam (PyTorch 1.13), to rounding. A row first met late therefore starts with steps of about
/// (1 - beta1) / sqrt(1 - beta2) = 3.2 times the rate.
/// </summary>
public sealed class SparseAdam : SparseOptimizer
{
    private readonly SparseAdamOptions _options;
    private readonly float[] _first;
    private readonly float[] _second;

    public SparseAdam(SparseAdamOptions options, int rows, int width)
        : this(options, options.Header(rows, width), SparseAdamOptions.Moments(rows, width), SparseAdamOptions.Moments(rows, width))
    {
    }

    private SparseAdam(SparseAdamOptions options, OptimizerHeader header, float[] first, float[] second)
        : base(header, first, second) => (_options, _first, _second) = (options, first, second);

    private protected override void Update(Span<float> table, SparseGradient gradient, double rate, float gradientScale)
    {
        double correction1 = 1 - Math.Pow(_options.Beta1, Steps);
        double root2 = Math.Sqrt(1 - Math.Pow(_options.Beta2, Steps));
        var kernel = new AdamKernel(_options.Beta1, _options.Beta2, rate * root2 / correction1, _options.Epsilon, 1, gradientScale);
        ReadOnlySpan<int> rows = gradient.TouchedRows;
        ReadOnlySpan<float> values = gradient.Values;
        for (int slot = 0; slot < rows.Length; slot++)
        {
            if (slot + RowPrefetch.Ahead < rows.Length)
            {
                int ahead = rows[slot + RowPrefetch.Ahead] * Width;
                RowPrefetch.Touch(table, ahead, Width);
                RowPrefetch.Touch(_first, ahead, Width);
                RowPrefetch.Touch(_second, ahead, Width);
            }

            int start = rows[slot] * Width;
            kernel.Update(
                table.Slice(start, Width), values.Slice(slot * Width, Width), _first.AsSpan(start, Width), _second.AsSpan(start, Width));
        }
    }
}

namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="SparseAdagrad"/>.</summary>
public sealed record SparseAdagradOptions : SparseOptimizerOptions
{
    /// <summary>Added to the root of the sum of squares, above 0. Default 1e-10, as in PyTorch.</summary>
    public double Epsilon { get; init; } = 1e-10;

    /// <summary>What the sums of squares start from, at least 0. Default 0.</summary>
    public double InitialAccumulator { get; init; }

    public override SparseOptimizer Create(int rows, int width) => new SparseAdagrad(this, rows, width);

    internal OptimizerHeader Header(int rows, int width)
    {
        AdagradOptions.Check(Epsilon, InitialAccumulator);
        return new OptimizerHeader("sparse-adagrad", rows, width, ("epsilon", Epsilon), ("initial_accumulator", InitialAccumulator));
    }

    internal float[] Sums(int rows, int width) => AdagradOptions.Sums(CheckedLength(rows, width), InitialAccumulator);
}

/// <summary>
/// Adagrad with one accumulator per number of the table, over the rows that have a gradient; the same as torch.optim.Adagrad over
/// sparse gradients (PyTorch 1.13), to rounding.
/// </summary>
public sealed class SparseAdagrad : SparseOptimizer
{
    private readonly SparseAdagradOptions _options;
    private readonly float[] _sums;

    public SparseAdagrad(SparseAdagradOptions options, int rows, int width)
        : this(options, options.Header(rows, width), options.Sums(rows, width))
    {
    }

    private SparseAdagrad(SparseAdagradOptions options, OptimizerHeader header, float[] sums)
        : base(header, sums) => (_options, _sums) = (options, sums);

    private protected override void Update(Span<float> table, SparseGradient gradient, double rate, float gradientScale)
    {
        var kernel = new AdagradKernel((float)rate, (float)_options.Epsilon, 0, gradientScale);
        ReadOnlySpan<int> rows = gradient.TouchedRows;
        ReadOnlySpan<float> values = gradient.Values;
        for (int slot = 0; slot < rows.Length; slot++)
        {
            if (slot + RowPrefetch.Ahead < rows.Length)
            {
                int ahead = rows[slot + RowPrefetch.Ahead] * Width;
                RowPrefetch.Touch(table, ahead, Width);
                RowPrefetch.Touch(_sums, ahead, Width);
            }

            int start = rows[slot] * Width;
            kernel.Update(table.Slice(start, Width), values.Slice(slot * Width, Width), _sums.AsSpan(start, Width));
        }
    }
}

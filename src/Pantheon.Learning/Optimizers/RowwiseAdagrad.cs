using System.Numerics;
using System.Runtime.InteropServices;

namespace Pantheon.Learning.Optimizers;

/// <summary>Settings of <see cref="RowwiseAdagrad"/>.</summary>
public sealed record RowwiseAdagradOptions : SparseOptimizerOptions
{
    /// <summary>Added to the root of the accumulator, above 0. Default 1e-8, as in FBGEMM.</summary>
    public double Epsilon { get; init; } = 1e-8;

    /// <summary>What the accumulators start from, at least 0. Default 0.</summary>
    public double InitialAccumulator { get; init; }

    public override SparseOptimizer Create(int rows, int width) => new RowwiseAdagrad(this, rows, width);

    internal OptimizerHeader Header(int rows, int width)
    {
        AdagradOptions.Check(Epsilon, InitialAccumulator);
        return new OptimizerHeader("rowwise-adagrad", rows, width, ("epsilon", Epsilon), ("initial_accumulator", InitialAccumulator));
    }

    internal float[] Sums(int rows, int width)
    {
        _ = CheckedLength(rows, width);
        return AdagradOptions.Sums(rows, InitialAccumulator);
    }
}

/// <summary>
/// Adagrad with one accumulator per row: s_r += mean of g_r^2, p_r -= rate g_r / (sqrt(s_r) + epsilon), as EXACT_ROWWISE_ADAGRAD of
/// FBGEMM and TorchRec does it (gradients of a row repeated in the batch are summed first). Its state is a number per row, where
/// <see cref="SparseAdam"/> needs twice the table.
/// </summary>
public sealed class RowwiseAdagrad : SparseOptimizer
{
    private readonly RowwiseAdagradOptions _options;
    private readonly float[] _sums;

    public RowwiseAdagrad(RowwiseAdagradOptions options, int rows, int width)
        : this(options, options.Header(rows, width), options.Sums(rows, width))
    {
    }

    private RowwiseAdagrad(RowwiseAdagradOptions options, OptimizerHeader header, float[] sums)
        : base(header, sums) => (_options, _sums) = (options, sums);

    private protected override void Update(Span<float> table, SparseGradient gradient, double rate, float gradientScale)
    {
        float epsilon = (float)_options.Epsilon;
        ReadOnlySpan<int> rows = gradient.TouchedRows;
        ReadOnlySpan<float> values = gradient.Values;
        for (int slot = 0; slot < rows.Length; slot++)
        {
            if (slot + RowPrefetch.Ahead < rows.Length)
            {
                int ahead = rows[slot + RowPrefetch.Ahead];
                RowPrefetch.Touch(table, ahead * Width, Width);
                RowPrefetch.Touch(_sums, ahead, 1);
            }

            ReadOnlySpan<float> ofRow = values.Slice(slot * Width, Width);
            double mean = SquareSum.Of(ofRow) / Width * gradientScale * gradientScale;
            float sum = _sums[rows[slot]] += (float)mean;
            float factor = (float)(rate * gradientScale / (Math.Sqrt(sum) + epsilon));
            Subtract(table.Slice(rows[slot] * Width, Width), ofRow, factor);
        }
    }

    private static void Subtract(Span<float> parameters, ReadOnlySpan<float> gradients, float factor)
    {
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradients);
        int at = 0;
        for (; at <= parameters.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            (Vector.LoadUnsafe(ref p, (nuint)at) - (Vector.LoadUnsafe(ref g, (nuint)at) * factor)).StoreUnsafe(ref p, (nuint)at);
        }

        for (; at < parameters.Length; at++)
        {
            parameters[at] -= gradients[at] * factor;
        }
    }
}

namespace Pantheon.Learning.Optimizers;

/// <summary>Which optimizer an embedding table gets, and its settings.</summary>
public abstract record SparseOptimizerOptions
{
    private protected SparseOptimizerOptions()
    {
    }

    /// <summary>An optimizer of a table <c>[rows, width]</c>, at its first step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range, or a shape that an array cannot have.</exception>
    public abstract SparseOptimizer Create(int rows, int width);

    private protected static int CheckedLength(int rows, int width)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * width, Array.MaxLength, nameof(rows));
        return rows * width;
    }
}

/// <summary>Updates an embedding table, at each step only the rows that have a gradient.</summary>
public abstract class SparseOptimizer : Optimizer
{
    private protected SparseOptimizer(OptimizerHeader header, params float[][] buffers)
        : base(header, buffers) => (Rows, Width) = (header.Rows, header.Width);

    /// <summary>Rows of the table.</summary>
    public int Rows { get; }

    /// <summary>Numbers per row.</summary>
    public int Width { get; }

    /// <summary>One update in place. Allocates nothing. The same numbers give the same bits on every machine.</summary>
    /// <param name="table">Float <c>[Rows, Width]</c>.</param>
    /// <param name="gradient">The rows that have a gradient; not changed. A NaN ends up in the table: see <see cref="GradientNorm"/>.</param>
    /// <param name="rate">The learning rate of this step, at least 0.</param>
    /// <param name="gradientScale">What the gradients are multiplied with first, such as <see cref="GradientNorm.ClipScale"/>.</param>
    /// <exception cref="ArgumentException">Another shape, or a scalar out of its range.</exception>
    public void Step(Span<float> table, SparseGradient gradient, double rate, float gradientScale = 1)
    {
        if (gradient.Rows != Rows || gradient.Width != Width || table.Length != Rows * Width)
        {
            throw new ArgumentException(
                $"a table of {table.Length} numbers and gradients of [{gradient.Rows}, {gradient.Width}], expected both of [{Rows}, {Width}]");
        }

        CheckScalars(rate, gradientScale);
        Steps++;
        Update(table, gradient, rate, gradientScale);
    }

    private protected abstract void Update(Span<float> table, SparseGradient gradient, double rate, float gradientScale);
}

namespace Pantheon.Learning.Optimizers;

/// <summary>Which optimizer a dense parameter gets, and its settings.</summary>
public abstract record DenseOptimizerOptions
{
    private protected DenseOptimizerOptions()
    {
    }

    /// <summary>An optimizer of <paramref name="length"/> parameters, at its first step.</summary>
    /// <exception cref="ArgumentOutOfRangeException">A setting out of its range, or a negative length.</exception>
    public abstract DenseOptimizer Create(int length);
}

/// <summary>Updates one buffer of parameters, all of them at each step, whoever owns it.</summary>
public abstract class DenseOptimizer : Optimizer
{
    private protected DenseOptimizer(OptimizerHeader header, params float[][] buffers)
        : base(header, buffers) => Length = header.Width;

    /// <summary>Parameters.</summary>
    public int Length { get; }

    /// <summary>One update in place. Allocates nothing. The same numbers give the same bits on every machine.</summary>
    /// <param name="parameters">Float <c>[Length]</c>.</param>
    /// <param name="gradients">Float <c>[Length]</c>; not changed. A NaN ends up in the parameters: see <see cref="GradientNorm"/>.</param>
    /// <param name="rate">The learning rate of this step, at least 0.</param>
    /// <param name="gradientScale">What the gradients are multiplied with first, such as <see cref="GradientNorm.ClipScale"/>.</param>
    /// <exception cref="ArgumentException">A length other than <see cref="Length"/>, or a scalar out of its range.</exception>
    public void Step(Span<float> parameters, ReadOnlySpan<float> gradients, double rate, float gradientScale = 1)
    {
        if (parameters.Length != Length || gradients.Length != Length)
        {
            throw new ArgumentException($"{parameters.Length} parameters and {gradients.Length} gradients, expected {Length} of each");
        }

        CheckScalars(rate, gradientScale);
        Steps++;
        Update(parameters, gradients, rate, gradientScale);
    }

    private protected abstract void Update(Span<float> parameters, ReadOnlySpan<float> gradients, double rate, float gradientScale);
}

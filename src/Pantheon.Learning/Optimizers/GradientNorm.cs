namespace Pantheon.Learning.Optimizers;

/// <summary>
/// The Euclidean norm over the gradients of all parameters, dense and sparse, and what to scale them with to clip it, as
/// torch.nn.utils.clip_grad_norm_ does. It changes no gradient: pass the scale to each optimizer's step. Kept and cleared between
/// steps, so that it allocates nothing. The order of adding shows in the last bits only.
/// </summary>
public sealed class GradientNorm
{
    // PyTorch's; it keeps a norm of 0 from dividing.
    private const double Epsilon = 1e-6;

    private double _squares;

    /// <summary>The norm of all that was added.</summary>
    public double Value => Math.Sqrt(_squares);

    /// <summary>False if any gradient was NaN or infinite: such a step should be left out, and counted.</summary>
    public bool IsFinite => double.IsFinite(_squares);

    /// <summary>Forgets all, for the next step.</summary>
    public void Clear() => _squares = 0;

    /// <summary>Adds the gradients of a dense parameter.</summary>
    public void Add(ReadOnlySpan<float> gradients) => _squares += SquareSum.Of(gradients);

    /// <summary>Adds the gradients of a table, those of a repeated row summed first.</summary>
    public void Add(SparseGradient gradients) => _squares += SquareSum.Of(gradients.Values);

    /// <summary>min(1, maximum / (norm + 1e-6)).</summary>
    /// <param name="maximum">The norm to keep to, above 0.</param>
    /// <exception cref="InvalidOperationException">The norm is not finite; clipping cannot mend that.</exception>
    public float ClipScale(double maximum)
    {
        Setting.Require(maximum > 0, maximum, "above 0", nameof(maximum));
        return IsFinite
            ? (float)Math.Min(1, maximum / (Value + Epsilon))
            : throw new InvalidOperationException("the norm of the gradients is not finite; leave this step out");
    }
}

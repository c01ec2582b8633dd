using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// Adagrad over a run of parameters (Duchi, Hazan and Singer 2011, diagonal): s += g^2, p -= rate g / (sqrt(s) + epsilon).
/// </summary>
internal readonly struct AdagradKernel(float rate, float epsilon, float decay, float scale)
{
    /// <summary>All three of one length.</summary>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> sums)
    {
        int length = parameters.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(sums.Length, length);
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradients);
        ref float s = ref MemoryMarshal.GetReference(sums);
        int at = 0;
        for (; at <= length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector<float> parameter = Vector.LoadUnsafe(ref p, (nuint)at);
            Vector<float> gradient = (Vector.LoadUnsafe(ref g, (nuint)at) * scale) + (parameter * decay);
            Vector<float> sum = Vector.LoadUnsafe(ref s, (nuint)at) + (gradient * gradient);
            Vector<float> step = gradient * rate / (Vector.SquareRoot(sum) + new Vector<float>(epsilon));
            (parameter - step).StoreUnsafe(ref p, (nuint)at);
            sum.StoreUnsafe(ref s, (nuint)at);
        }

        for (; at < length; at++)
        {
            float parameter = Unsafe.Add(ref p, at);
            float gradient = (Unsafe.Add(ref g, at) * scale) + (parameter * decay);
            float sum = Unsafe.Add(ref s, at) + (gradient * gradient);
            Unsafe.Add(ref p, at) = parameter - (gradient * rate / (MathF.Sqrt(sum) + epsilon));
            Unsafe.Add(ref s, at) = sum;
        }
    }
}

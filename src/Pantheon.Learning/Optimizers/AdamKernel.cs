using System.Numerics;
using System.Runtime.CompilerServices;
using System.Runtime.InteropServices;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// Adam over a run of parameters (Kingma and Ba 2015, algorithm 1, in the order of operations given before section 2.1):
/// p -= rate m / (sqrt(v) + epsilon), where the corrections of both moments are already in the rate and the epsilon. Products and sums
/// are rounded one by one, so that the width of the machine's vectors never shows.
/// </summary>
internal readonly struct AdamKernel
{
    // Below it a float has lost digits, and the processor leaves its fast path. A parameter whose gradient stays 0 would get there
    // after some 800 steps and never leave: 0.9 times the smallest float rounds to itself.
    private const float SmallestNormal = 1.17549435e-38f;

    private readonly float _scale;
    private readonly float _beta1;
    private readonly float _beta2;
    private readonly float _rest1;
    private readonly float _rest2;
    private readonly float _rate;
    private readonly float _epsilon;
    private readonly float _keep;

    /// <param name="beta1">Decay of the first moment.</param>
    /// <param name="beta2">Decay of the second moment.</param>
    /// <param name="rate">The rate with the corrections of both moments in it.</param>
    /// <param name="epsilon">The epsilon with the second moment's correction in it.</param>
    /// <param name="keep">What the parameters are multiplied with first; 1 without weight decay.</param>
    /// <param name="gradientScale">What the gradients are multiplied with first.</param>
    public AdamKernel(double beta1, double beta2, double rate, double epsilon, double keep, float gradientScale)
    {
        _scale = gradientScale;
        _beta1 = (float)beta1;
        _beta2 = (float)beta2;
        _rest1 = (float)(1 - beta1);
        _rest2 = (float)(1 - beta2);
        _rate = (float)rate;
        _epsilon = (float)epsilon;
        _keep = (float)keep;
    }

    /// <summary>All four of one length.</summary>
    public void Update(Span<float> parameters, ReadOnlySpan<float> gradients, Span<float> first, Span<float> second)
    {
        int length = parameters.Length;
        ArgumentOutOfRangeException.ThrowIfNotEqual(gradients.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(first.Length, length);
        ArgumentOutOfRangeException.ThrowIfNotEqual(second.Length, length);
        ref float p = ref MemoryMarshal.GetReference(parameters);
        ref float g = ref MemoryMarshal.GetReference(gradients);
        ref float m = ref MemoryMarshal.GetReference(first);
        ref float v = ref MemoryMarshal.GetReference(second);
        var smallest = new Vector<float>(SmallestNormal);
        int at = 0;
        for (; at <= length - Vector<float>.Count; at += Vector<float>.Count)
        {
            Vector<float> gradient = Vector.LoadUnsafe(ref g, (nuint)at) * _scale;
            Vector<float> mean = (Vector.LoadUnsafe(ref m, (nuint)at) * _beta1) + (gradient * _rest1);
            Vector<float> square = (Vector.LoadUnsafe(ref v, (nuint)at) * _beta2) + (gradient * gradient * _rest2);
            mean = Vector.ConditionalSelect(Vector.LessThan(Vector.Abs(mean), smallest), Vector<float>.Zero, mean);
            square = Vector.ConditionalSelect(Vector.LessThan(square, smallest), Vector<float>.Zero, square);
            Vector<float> step = mean * _rate / (Vector.SquareRoot(square) + new Vector<float>(_epsilon));
            ((Vector.LoadUnsafe(ref p, (nuint)at) * _keep) - step).StoreUnsafe(ref p, (nuint)at);
            mean.StoreUnsafe(ref m, (nuint)at);
            square.StoreUnsafe(ref v, (nuint)at);
        }

        for (; at < length; at++)
        {
            float gradient = Unsafe.Add(ref g, at) * _scale;
            float mean = (Unsafe.Add(ref m, at) * _beta1) + (gradient * _rest1);
            float square = (Unsafe.Add(ref v, at) * _beta2) + (gradient * gradient * _rest2);
            mean = Math.Abs(mean) < SmallestNormal ? 0 : mean;
            square = square < SmallestNormal ? 0 : square;
            float step = mean * _rate / (MathF.Sqrt(square) + _epsilon);
            Unsafe.Add(ref p, at) = (Unsafe.Add(ref p, at) * _keep) - step;
            Unsafe.Add(ref m, at) = mean;
            Unsafe.Add(ref v, at) = square;
        }
    }
}

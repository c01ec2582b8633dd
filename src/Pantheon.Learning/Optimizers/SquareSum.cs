using System.Runtime.InteropServices;
using System.Runtime.Intrinsics;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// The sum of squares in double precision. Lanes are of a fixed width and added in a fixed order, so that every machine gives the same
/// bits; a float's square is exact in double, and 1e19 squared does not overflow there.
/// </summary>
internal static class SquareSum
{
    public static double Of(ReadOnlySpan<float> values)
    {
        ref float start = ref MemoryMarshal.GetReference(values);
        Vector256<double> even = Vector256<double>.Zero;
        Vector256<double> odd = Vector256<double>.Zero;
        int at = 0;
        for (; at <= values.Length - Vector256<float>.Count; at += Vector256<float>.Count)
        {
            (Vector256<double> lower, Vector256<double> upper) = Vector256.Widen(Vector256.LoadUnsafe(ref start, (nuint)at));
            even += lower * lower;
            odd += upper * upper;
        }

        Vector256<double> both = even + odd;
        double sum = both[0] + both[1] + (both[2] + both[3]);
        for (; at < values.Length; at++)
        {
            sum += (double)values[at] * values[at];
        }

        return sum;
    }
}

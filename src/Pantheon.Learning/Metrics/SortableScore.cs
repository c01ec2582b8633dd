using System.Runtime.CompilerServices;

namespace Pantheon.Learning.Metrics;

/// <summary>A float as an unsigned integer of the same order, so that scores sort as integers with something packed beside them.</summary>
internal static class SortableScore
{
    /// <summary>
    /// Ascending with the score; -0 and 0 are equal. A number that is none sorts after all others or before: check with
    /// <see cref="float.IsNaN"/> first.
    /// </summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static uint Of(float score)
    {
        // Adding 0 turns -0 into 0 and changes nothing else.
        uint bits = BitConverter.SingleToUInt32Bits(score + 0f);
        return bits ^ ((uint)((int)bits >> 31) | 0x80000000u);
    }

    /// <summary>The score again.</summary>
    public static float ToFloat(uint sortable) =>
        BitConverter.UInt32BitsToSingle(sortable ^ ((uint)((int)~sortable >> 31) | 0x80000000u));
}

using System.Runtime.CompilerServices;

namespace Pantheon.Scoring.TopK;

/// <summary>
/// Exact top k by score descending, ties by position ascending. A candidate becomes one 64-bit key whose ascending
/// order is the ranking, so that selecting and sorting compare plain integers.
/// </summary>
public static class TopKSelector
{
    /// <summary>
    /// Writes the ranking keys of the best candidates, best first.
    /// </summary>
    /// <param name="scores">Finite scores by position; a score that is not finite is left out.</param>
    /// <param name="k">How many to select, at least 0.</param>
    /// <param name="keys">Room for <c>min(k, scores.Length)</c> keys, or all of them if k is not below the length.</param>
    /// <returns>The number of keys written: the smaller of k and the number of finite scores.</returns>
    public static int Select(ReadOnlySpan<float> scores, int k, Span<ulong> keys)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(k);
        k = Math.Min(k, scores.Length);
        if (k == 0)
        {
            return 0;
        }

        ArgumentOutOfRangeException.ThrowIfLessThan(keys.Length, k, nameof(keys));
        keys = keys[..k];
        var count = 0;
        // keys[0] is the worst of the best so far once k are held: a max-heap.
        for (var position = 0; position < scores.Length; position++)
        {
            var score = scores[position];
            if (!float.IsFinite(score))
            {
                continue;
            }

            var key = Key(score, position);
            if (count < k)
            {
                keys[count++] = key;
                if (count == k && k < scores.Length)
                {
                    for (var i = (k / 2) - 1; i >= 0; i--)
                    {
                        SiftDown(keys, i);
                    }
                }
            }
            else if (key < keys[0])
            {
                keys[0] = key;
                SiftDown(keys, 0);
            }
        }

        keys[..count].Sort();
        return count;
    }

    /// <summary>The position in the request of a key.</summary>
    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    public static int Position(ulong key) => (int)(uint)key;

    [MethodImpl(MethodImplOptions.AggressiveInlining)]
    private static ulong Key(float score, int position)
    {
        // Adding zero turns -0 into +0, which are equal scores. The sign trick maps floats to integers of the same
        // order; the complement makes the best score the smallest key.
        var bits = BitConverter.SingleToUInt32Bits(score + 0f);
        var ascending = (bits & 0x8000_0000) != 0 ? ~bits : bits | 0x8000_0000;
        return ((ulong)~ascending << 32) | (uint)position;
    }

    private static void SiftDown(Span<ulong> heap, int root)
    {
        var value = heap[root];
        while (true)
        {
            var child = (2 * root) + 1;
            if (child >= heap.Length)
            {
                break;
            }

            if (child + 1 < heap.Length && heap[child + 1] > heap[child])
            {
                child++;
            }

            if (heap[child] <= value)
            {
                break;
            }

            heap[root] = heap[child];
            root = child;
        }

        heap[root] = value;
    }
}

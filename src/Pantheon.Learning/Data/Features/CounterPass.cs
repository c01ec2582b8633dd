using System.Numerics;

namespace Pantheon.Learning.Data;

/// <summary>
/// Walks through the log once with a counter for each key: an exposure gets what its key's counter held, exposures first and then the
/// positives of each objective, and enters it when the clock has passed it. Exposures with one time_ms do not see each other.
/// </summary>
internal static class CounterPass
{
    /// <param name="log">Exposures by time.</param>
    /// <param name="keys">A key from 0 by exposure; -1 for none, which counts nothing and is given zeros.</param>
    /// <param name="keyCount">Keys there are.</param>
    /// <param name="known">What an exposure knows of those before it.</param>
    /// <returns>Width 1 + M.</returns>
    public static RowStore Run(InteractionLog log, int[] keys, int keyCount, KnownBefore known)
    {
        var width = 1 + log.Objectives.Count;
        var store = new RowStore(log.Count, width);
        var counters = new RowStore(keyCount, width);
        var time = log.Time;
        var context = log.Context;
        var seen = 0;
        for (var row = 0; row < time.Length; row++)
        {
            var horizon = known.Of(time[row]);
            for (; seen < time.Length && time[seen] < horizon; seen++)
            {
                if (keys[seen] >= 0)
                {
                    Count(counters[keys[seen]], context[seen].Positives);
                }
            }

            if (keys[row] >= 0)
            {
                counters[keys[row]].CopyTo(store[row]);
            }
        }

        return store;
    }

    private static void Count(Span<float> counter, uint positives)
    {
        // Exact up to 2^24 exposures of one key.
        counter[0]++;
        for (; positives != 0; positives &= positives - 1)
        {
            counter[1 + BitOperations.TrailingZeroCount(positives)]++;
        }
    }
}

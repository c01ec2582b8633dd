namespace Pantheon.Learning.Data;

/// <summary>Numbers the pairs of two numbered things that occur together.</summary>
internal static class PairKeys
{
    /// <param name="first">By exposure; not negative.</param>
    /// <param name="second">By exposure; negative gives the pair -1.</param>
    /// <returns>A number by exposure, and how many different ones there are.</returns>
    public static (int[] Keys, int Count) Of(int[] first, int[] second)
    {
        var index = new IdIndex(first.Length / 2);
        var keys = new int[first.Length];
        for (var row = 0; row < keys.Length; row++)
        {
            keys[row] = second[row] < 0 ? -1 : index.GetOrAdd(((long)first[row] << 32) | (uint)second[row]);
        }

        return (keys, index.Count);
    }
}

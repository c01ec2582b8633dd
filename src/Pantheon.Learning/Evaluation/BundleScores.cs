namespace Pantheon.Learning.Evaluation;

/// <summary>What a bundle says of some exposures, in their order.</summary>
/// <param name="Score">The fused score, raw: <c>[n]</c>.</param>
/// <param name="Pxtrs">A column <c>[n]</c> for each objective of the bundle.</param>
public sealed record BundleScores(float[] Score, float[][] Pxtrs)
{
    /// <summary>Some of the exposures.</summary>
    /// <param name="places">Their places, from 0.</param>
    public BundleScores At(int[] places) => new(Gather(Score, places), [.. Pxtrs.Select(column => Gather(column, places))]);

    internal static T[] Gather<T>(ReadOnlySpan<T> column, int[] places)
    {
        var values = new T[places.Length];
        for (var index = 0; index < places.Length; index++)
        {
            values[index] = column[places[index]];
        }

        return values;
    }
}

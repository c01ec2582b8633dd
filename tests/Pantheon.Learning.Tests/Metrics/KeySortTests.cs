using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class KeySortTests
{
    [Theory]
    [InlineData(2, ulong.MaxValue)]
    [InlineData(300, ulong.MaxValue)]
    [InlineData(5_000, 0x00FF00FF0000FF00)]
    [InlineData(5_000, 0)]
    [InlineData(70_000, ulong.MaxValue)]
    public void Radix_RandomKeys_EqualsArraySort(int count, ulong mask)
    {
        var random = new Random(count);
        ulong[] keys = [.. Enumerable.Range(0, count).Select(_ => (ulong)random.NextInt64(long.MinValue, long.MaxValue) & mask)];
        ulong[] expected = [.. keys];
        Array.Sort(expected);

        KeySort.Radix(keys, new ulong[count], fromByte: 0);

        Assert.Equal(expected, keys);
    }

    [Fact]
    public void Radix_FromByteFour_KeepsOrderOfEqualHighHalves()
    {
        ulong[] keys = [.. Enumerable.Range(0, 1_000).Select(place => ((ulong)(place % 7) << 32) | (uint)(1_000 - place))];
        ulong[] expected = [.. keys.OrderBy(key => key >> 32)];

        KeySort.Radix(keys, new ulong[1_000], fromByte: 4);

        Assert.Equal(expected, keys);
    }

    [Fact]
    public void SortableScore_AscendingFloats_AscendAndComeBack()
    {
        float[] scores = [float.NegativeInfinity, float.MinValue, -1, -1e-45f, 0, 1e-45f, 0.5f, 1, float.MaxValue, float.PositiveInfinity];
        for (int place = 0; place < scores.Length; place++)
        {
            Assert.Equal(scores[place], SortableScore.ToFloat(SortableScore.Of(scores[place])));
            Assert.True(place == 0 || SortableScore.Of(scores[place - 1]) < SortableScore.Of(scores[place]));
        }

        Assert.Equal(SortableScore.Of(0f), SortableScore.Of(-0f));
    }
}

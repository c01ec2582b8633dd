using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

public sealed class SparseGradientTests
{
    [Fact]
    public void Add_RepeatedRows_SumsInOrderOfTheirComing()
    {
        var gradient = new SparseGradient(5, 2);

        gradient.Add([3, 1, 3], [1, 2, 10, 20, 100, 200]);
        gradient.Add([1, 0], [1000, 2000, 5, 6]);

        Assert.Equal([3, 1, 0], gradient.TouchedRows.ToArray());
        Assert.Equal([101, 202, 1010, 2020, 5, 6], gradient.Values.ToArray());
    }

    [Fact]
    public void Add_ManyBatches_EqualsADictionary()
    {
        const int Rows = 50, Width = 13;
        var random = new Random(7);
        var gradient = new SparseGradient(Rows, Width, frozenRow: 0);
        for (int batch = 0; batch < 200; batch++)
        {
            gradient.Clear();
            Dictionary<long, float[]> expected = [];
            for (int gather = random.Next(1, 4); gather > 0; gather--)
            {
                long[] rows = [.. Enumerable.Range(0, random.Next(0, 80)).Select(_ => random.NextInt64(Rows))];
                float[] values = [.. Enumerable.Range(0, rows.Length * Width).Select(_ => random.NextSingle())];
                gradient.Add(rows, values);
                for (int place = 0; place < rows.Length; place++)
                {
                    if (rows[place] == 0)
                    {
                        continue;
                    }

                    float[] ofPlace = values[(place * Width)..((place + 1) * Width)];
                    expected[rows[place]] = expected.TryGetValue(rows[place], out float[]? sum) ? [.. sum.Zip(ofPlace, (a, b) => a + b)] : ofPlace;
                }
            }

            Assert.Equal(expected.Count, gradient.Count);
            for (int slot = 0; slot < gradient.Count; slot++)
            {
                Assert.Equal(expected[gradient.TouchedRows[slot]], gradient.Values.Slice(slot * Width, Width).ToArray());
            }
        }
    }

    [Theory]
    [InlineData(-1)]
    [InlineData(5)]
    [InlineData(long.MaxValue)]
    [InlineData(1L << 32)]
    public void Add_RowOutsideTheTable_IsRefusedByName(long row)
    {
        var gradient = new SparseGradient(5, 1);

        var refused = Assert.Throws<ArgumentOutOfRangeException>(() => gradient.Add([0, row], [1f, 1f]));

        Assert.Contains("from 0 to 4", refused.Message, StringComparison.Ordinal);
        Assert.Equal([0], gradient.TouchedRows.ToArray());
    }

    [Fact]
    public void Add_LengthsThatDoNotMatch_IsRefused() =>
        Assert.Throws<ArgumentException>(() => new SparseGradient(5, 2).Add([0, 1], [1f, 1f, 1f]));

    [Theory]
    [InlineData(0, 1, null)]
    [InlineData(1, 0, null)]
    [InlineData(int.MaxValue, 2, null)]
    [InlineData(4, 2, 4)]
    [InlineData(4, 2, -1)]
    public void Constructor_ImpossibleShape_IsRefused(int rows, int width, int? frozen) =>
        Assert.Throws<ArgumentOutOfRangeException>(() => new SparseGradient(rows, width, frozen));
}

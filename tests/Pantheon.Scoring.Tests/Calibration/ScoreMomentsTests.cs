using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class ScoreMomentsTests
{
    [Theory]
    [InlineData(0f, 1f)]
    // Where a sum of squares has no digits left.
    [InlineData(10_000f, 0.01f)]
    public void Add_AnyPartsInAnyOrder_IsTheWhole(float centre, float spread)
    {
        var random = new Random(3);
        for (var round = 0; round < 200; round++)
        {
            float[] scores = [.. Enumerable.Range(0, random.Next(1, 400)).Select(_ => centre + (spread * (float)random.NextDouble()))];
            var parts = new List<ScoreMoments> { default };
            for (var at = 0; at < scores.Length;)
            {
                var length = Math.Min(random.Next(1, 60), scores.Length - at);
                parts.Add(ScoreMoments.Of(scores.AsSpan(at, length)));
                at += length;
            }

            var merged = parts.OrderBy(_ => random.Next()).Aggregate((one, other) => one + other);

            // The oracle: exact to double precision, in two passes over decimals.
            var mean = scores.Average(score => (decimal)(double)score);
            var variance = (double)scores.Average(score => ((decimal)(double)score - mean) * ((decimal)(double)score - mean));
            Assert.Equal(scores.Length, merged.Count);
            Assert.Equal((double)mean, merged.Mean, 1e-9 * (1 + Math.Abs(centre)));
            Assert.Equal(Math.Sqrt(variance), merged.Std, 1e-6 * spread);
        }
    }

    [Fact]
    public void Of_NotFinite_IsLeftOut() => Assert.Equal(new ScoreMoments(2, 2, 2), ScoreMoments.Of([1, float.NaN, 3, float.PositiveInfinity]));

    [Fact]
    public void Moved_ALine_MovesMeanAndSpread()
    {
        var moved = ScoreMoments.Of([1, 2, 3]).Moved(slope: 2, shift: -1);
        Assert.Equal(ScoreMoments.Of([1, 3, 5]), moved);
    }

    [Fact]
    public void Decayed_Half_CountsHalfWithTheSameDistribution()
    {
        var all = ScoreMoments.Of([1, 2, 3, 6]);
        var half = all.Decayed(0.5);
        Assert.Equal((2, all.Mean, all.Std), (half.Count, half.Mean, half.Std));
    }
}

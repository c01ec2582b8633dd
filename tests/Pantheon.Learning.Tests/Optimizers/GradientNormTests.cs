using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

public sealed class GradientNormTests
{
    [Fact]
    public void Value_OfAnyLength_IsTheRootOfTheSumOfSquares()
    {
        for (int length = 0; length < 50; length++)
        {
            float[] values = StepTests.Values(length, length);
            var norm = new GradientNorm();
            norm.Add(values);

            double expected = Math.Sqrt(values.Sum(value => (double)value * value));
            Assert.Equal(expected, norm.Value, 1e-14 * expected);
        }
    }

    [Fact]
    public void Value_OfHugeGradients_DoesNotOverflow()
    {
        var norm = new GradientNorm();
        norm.Add(Enumerable.Repeat(3e38f, 100).ToArray());

        Assert.Equal(3e39, norm.Value, 1e33);
        Assert.Equal(1 / 3e39, norm.ClipScale(1), 1e-45);
    }

    [Theory]
    [InlineData(float.NaN)]
    [InlineData(float.PositiveInfinity)]
    public void ClipScale_GradientThatIsNotFinite_IsRefusedUntilCleared(float bad)
    {
        var norm = new GradientNorm();
        norm.Add([1, bad]);

        Assert.False(norm.IsFinite);
        Assert.Throws<InvalidOperationException>(() => norm.ClipScale(1));
        norm.Clear();
        Assert.Equal(1, norm.ClipScale(1));
    }

    [Fact]
    public void Add_FrozenRow_HasNoPartInTheNorm()
    {
        var gradient = new SparseGradient(3, 2, frozenRow: 1);
        gradient.Add([1, 2], [100, 100, 3, 4]);
        var norm = new GradientNorm();
        norm.Add(gradient);

        Assert.Equal(5, norm.Value);
    }
}

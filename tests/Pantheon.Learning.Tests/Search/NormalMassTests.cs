using Pantheon.Learning.Search;

namespace Pantheon.Learning.Tests.Search;

public sealed class NormalMassTests
{
    // From Python's math.erf.
    [Theory]
    [InlineData(0, 0)]
    [InlineData(1e-10, 1.1283791670955126e-10)]
    [InlineData(0.5, 0.5204998778130465)]
    [InlineData(-1, -0.8427007929497148)]
    [InlineData(2.5, 0.999593047982555)]
    [InlineData(4, 0.9999999845827421)]
    [InlineData(7, 1)]
    [InlineData(double.NegativeInfinity, -1)]
    public void Erf_KnownArguments_EqualsPython(double x, double expected) =>
        Assert.Equal(expected, NormalMass.Erf(x), Math.Abs(expected * 2e-15) + 1e-300);

    [Fact]
    public void Below_OneStandardDeviation_IsTheWellKnownShare() =>
        Assert.Equal(0.6826894921370859, NormalMass.Below(1) - NormalMass.Below(-1), 1e-15);
}

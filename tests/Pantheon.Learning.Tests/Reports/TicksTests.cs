using System.Globalization;
using Pantheon.Learning.Reports;

namespace Pantheon.Learning.Tests.Reports;

public sealed class TicksTests
{
    [Theory]
    [InlineData(0, 1, 5, "0 0.2 0.4 0.6 0.8 1.0")]
    [InlineData(0.61, 0.69, 5, "0.60 0.62 0.64 0.66 0.68 0.70")]
    [InlineData(-3, 12, 4, "-5 0 5 10 15")]
    [InlineData(0, 200000, 4, "0 50k 100k 150k 200k")]
    [InlineData(0, 2500000, 5, "0 500k 1000k 1500k 2000k 2500k")]
    [InlineData(0, 30000000, 3, "0 10M 20M 30M")]
    [InlineData(0, 3e-7, 3, "0 1e-7 2e-7 3e-7")]
    [InlineData(1e20, 3e20, 2, "1e20 2e20 3e20")]
    public void Around_SomeRanges_GivesTheMarksOfAPerson(double low, double high, int most, string expected) =>
        Assert.Equal(expected, string.Join(' ', Ticks.Around(low, high, most).Labels));

    [Fact]
    public void Around_AnyRange_CoversItInFewNiceSteps()
    {
        var random = new Random(11);
        for (int trial = 0; trial < 20_000; trial++)
        {
            double size = Math.Pow(10, (random.NextDouble() * 24) - 12);
            double low = (random.NextDouble() - 0.5) * size * Math.Pow(10, random.Next(0, 5));
            double high = low + (random.NextDouble() * size) + (size * 1e-3);
            int most = random.Next(2, 11);
            string what = $"{low:R} {high:R} {most}";

            Ticks around = Ticks.Around(low, high, most);
            AssertNice(around, what);
            double slack = around.Step * 1e-6;
            Assert.True(around.Low <= low + slack && around.High >= high - slack, what);
            Assert.True(around.Low > low - around.Step && around.High < high + around.Step, what);
            Assert.InRange(around.Values.Length, 2, most + 2);

            Ticks inside = Ticks.Inside(low, high, most);
            AssertNice(inside, what);
            Assert.Equal((low, high), (inside.Low, inside.High));
            Assert.True(inside.Values.Length <= most + 1, what);
            Assert.All(inside.Values, value => Assert.True(value >= low - slack && value <= high + slack, what));
        }
    }

    [Theory]
    [InlineData(0, 0)]
    [InlineData(5, 5)]
    [InlineData(-1e-300, -1e-300)]
    [InlineData(1e16, 1e16 + 2)]
    [InlineData(double.NaN, double.NaN)]
    [InlineData(double.PositiveInfinity, double.NegativeInfinity)]
    [InlineData(0, double.PositiveInfinity)]
    public void Around_RangeThatCannotBeDrawn_BecomesOneThatCan(double low, double high)
    {
        Ticks ticks = Ticks.Around(low, high, 5);

        AssertNice(ticks, $"{low} {high}");
        Assert.True(ticks.Low < ticks.High);
    }

    private static void AssertNice(Ticks ticks, string what)
    {
        double mantissa = ticks.Step / Math.Pow(10, Math.Floor(Math.Log10(ticks.Step * (1 + 1e-9))));
        Assert.True(new[] { 1.0, 2, 5 }.Any(nice => Math.Abs(mantissa - nice) < 1e-9), $"{what}: step {ticks.Step:R}");
        Assert.True(ticks.Labels.Distinct().Count() == ticks.Labels.Length, $"{what}: {string.Join(' ', ticks.Labels)}");
        for (int index = 0; index < ticks.Values.Length; index++)
        {
            Assert.True(index == 0 || ticks.Values[index] > ticks.Values[index - 1], what);
            string label = ticks.Labels[index];
            double unit = label[^1] switch { 'k' => 1e3, 'M' => 1e6, 'G' => 1e9, _ => 1 };
            double read = double.Parse(label.TrimEnd('k', 'M', 'G'), CultureInfo.InvariantCulture) * unit;
            Assert.True(Math.Abs(read - ticks.Values[index]) <= ticks.Step * 1e-3, $"{what}: {label} stands at {ticks.Values[index]:R}");
        }
    }
}

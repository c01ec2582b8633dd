using Pantheon.Learning.Optimizers;

namespace Pantheon.Learning.Tests.Optimizers;

public sealed class LearningRateScheduleTests
{
    [Theory]
    [InlineData(LearningRateDecay.None)]
    [InlineData(LearningRateDecay.Linear)]
    [InlineData(LearningRateDecay.Cosine)]
    public void At_WarmUpThenDecay_RisesToThePeakAndFallsToTheFloor(LearningRateDecay decay)
    {
        var schedule = new LearningRateSchedule(0.2) { WarmupSteps = 10, Decay = decay, Floor = 0.1 };
        double[] rates = [.. Enumerable.Range(0, 100).Select(step => schedule.At(step, 100))];

        for (int step = 0; step < 10; step++)
        {
            Assert.Equal(0.02 * (step + 1), rates[step], 1e-15);
        }

        Assert.True(rates.Skip(9).Zip(rates.Skip(10)).All(pair => pair.Second <= pair.First));
        Assert.Equal(decay == LearningRateDecay.None ? 0.2 : 0.02, rates[99], 1e-15);
        Assert.Equal(rates[99], schedule.At(1_000_000, 100));
    }

    [Fact]
    public void At_HalfWay_LinearAndCosineAreBothInTheMiddle()
    {
        Assert.Equal(0.5, new LearningRateSchedule(1) { Decay = LearningRateDecay.Linear }.At(50, 101), 1e-15);
        Assert.Equal(0.5, new LearningRateSchedule(1) { Decay = LearningRateDecay.Cosine }.At(50, 101), 1e-15);
        Assert.Equal((1 + Math.Sqrt(0.5)) / 2, new LearningRateSchedule(1) { Decay = LearningRateDecay.Cosine }.At(25, 101), 1e-15);
    }

    [Theory]
    [InlineData(LearningRateDecay.Linear, 0, 1)]
    [InlineData(LearningRateDecay.Cosine, 5, 5)]
    [InlineData(LearningRateDecay.Cosine, 5, 3)]
    public void At_NoStepsToFallIn_StaysFinite(LearningRateDecay decay, long warmup, long total)
    {
        var schedule = new LearningRateSchedule(1) { WarmupSteps = warmup, Decay = decay, Floor = 0.5 };

        Assert.Equal(1, schedule.At(Math.Max(0, warmup - 1), total));
        Assert.Equal(0.5, schedule.At(Math.Max(1, warmup), total));
    }

    [Fact]
    public void At_SettingOutOfRange_IsRefused()
    {
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(0).At(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1) { Floor = 2 }.At(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1) { WarmupSteps = -1 }.At(0, 1));
        Assert.Throws<ArgumentOutOfRangeException>(() => new LearningRateSchedule(1).At(-1, 1));
    }
}

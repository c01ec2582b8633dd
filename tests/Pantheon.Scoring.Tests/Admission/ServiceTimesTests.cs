using Pantheon.Scoring.Admission;

namespace Pantheon.Scoring.Tests.Admission;

public sealed class ServiceTimesTests
{
    private readonly ManualClock _clock = new();
    private readonly ServiceTimes _times;

    public ServiceTimesTests() => _times = new ServiceTimes(_clock);

    [Fact]
    public void Estimate_NothingRecorded_IsUnknown() => Assert.False(_times.Estimate(300).IsKnown);

    [Theory]
    [InlineData(0.3)]
    [InlineData(1.0)]
    [InlineData(2.0)]
    public void Estimate_LogNormalTimes_IsAtMost15PercentAboveTheExactP95(double sigma)
    {
        var random = new Random(41);
        for (var round = 0; round < 20; round++)
        {
            var times = new ServiceTimes(_clock);
            var samples = new List<double>();
            // Within one history and a multiple of 8, so that the estimate is over all of them.
            var count = 8 * random.Next(5, 120);
            for (var i = 0; i < count; i++)
            {
                samples.Add(Math.Max(2e-5, 0.002 * Math.Exp(sigma * Normal(random))));
                times.Record(300, samples[^1]);
            }

            samples.Sort();
            var exact = samples[(int)Math.Ceiling(0.95 * count) - 1];
            var estimate = times.Estimate(300);
            Assert.InRange(estimate.P95, exact, exact * 1.15 * (1 + 1e-9));
            if (count <= ServiceTimes.HalvingSamples)
            {
                Assert.Equal(samples.Average(), estimate.Mean, 1e-9);
            }
        }
    }

    [Fact]
    public void Estimate_OneSample_IsThatSample()
    {
        _times.Record(300, 0.010);
        var estimate = _times.Estimate(300);
        Assert.Equal(0.010, estimate.Mean, 1e-12);
        Assert.InRange(estimate.P95, 0.010, 0.0115);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(1e-9)]
    [InlineData(1e9)]
    public void Record_OutsideTheHistogram_IsKept(double seconds)
    {
        _times.Record(1, seconds);
        Assert.True(_times.Estimate(1).IsKnown);
        Assert.InRange(_times.Estimate(1).P95, 1e-5, 200);
    }

    [Fact]
    public void Estimate_LoadBecameFaster_ForgetsTheSlowTimes()
    {
        for (var i = 0; i < 1024; i++)
        {
            _times.Record(300, 0.010);
        }

        // Each halving leaves half of the slow ones; below 5 % they no longer make the p95.
        for (var i = 0; i < 6 * ServiceTimes.HalvingSamples; i++)
        {
            _times.Record(300, 0.001);
        }

        Assert.InRange(_times.Estimate(300).P95, 0.001, 0.00115);
        Assert.InRange(_times.Estimate(300).Mean, 0.001, 0.0011);
    }

    // The simulation showed it: by samples alone a slow quarter of a minute was remembered for another half.
    [Theory]
    [InlineData(20)]
    [InlineData(200)]
    [InlineData(2000)]
    public void Estimate_FasterForFiveSeconds_ForgetsTheSlowTimes(int perSecond)
    {
        Traffic(perSecond, seconds: 30, time: 0.010);
        Assert.InRange(_times.Estimate(300).P95, 0.010, 0.0115);
        // At 20 a second the fewest samples take longer to come than a second.
        Traffic(perSecond, seconds: perSecond < 50 ? 12 : 6, time: 0.001);
        Assert.InRange(_times.Estimate(300).P95, 0.001, 0.00115);
    }

    [Fact]
    public void Estimate_LoadBecameSlower_IsKnownWithin5Percent()
    {
        for (var i = 0; i < 1024; i++)
        {
            _times.Record(300, 0.001);
        }

        for (var i = 0; i < 64; i++)
        {
            _times.Record(300, 0.010);
        }

        Assert.InRange(_times.Estimate(300).P95, 0.010, 0.0115);
    }

    [Fact]
    public void Estimate_SizesOfOneBucket_ShareTheirTimes()
    {
        _times.Record(257, 0.004);
        Assert.True(_times.Estimate(512).IsKnown);
        Assert.Equal(_times.Estimate(257), _times.Estimate(512));
    }

    [Fact]
    public void Estimate_OnlyALargerSizeSeen_BorrowsItAsItIs()
    {
        _times.Record(512, 0.004);
        Assert.Equal(0.004, _times.Estimate(1).Mean, 1e-12);
        Assert.Equal(0.004, _times.Estimate(256).Mean, 1e-12);
    }

    [Fact]
    public void Estimate_OnlyASmallerSizeSeen_ScalesItBySize()
    {
        _times.Record(128, 0.001);
        var seen = _times.Estimate(128);
        var larger = _times.Estimate(1024);
        Assert.Equal(8 * seen.Mean, larger.Mean, 1e-12);
        Assert.Equal(8 * seen.P95, larger.P95, 1e-12);
    }

    [Fact]
    public void Estimate_BothNeighboursSeen_TakesTheNearest()
    {
        _times.Record(64, 0.001);
        _times.Record(1024, 0.009);
        Assert.Equal(0.002, _times.Estimate(128).Mean, 1e-12);
        Assert.Equal(0.009, _times.Estimate(512).Mean, 1e-12);
        // As near to both: the larger is the safer.
        Assert.Equal(0.009, _times.Estimate(256).Mean, 1e-12);
    }

    [Theory]
    [InlineData(0)]
    [InlineData(-5)]
    [InlineData(int.MaxValue)]
    public void Record_AnySize_HasABucket(int candidates)
    {
        _times.Record(candidates, 0.001);
        Assert.True(_times.Estimate(candidates).IsKnown);
    }

    // The age of an estimate once followed its renewal, which comes with every eighth sample only: at less than 8
    // requests a second the estimate was always old and the gate always open.
    [Fact]
    public void Estimate_EverySample_RenewsItsAge()
    {
        for (var i = 0; i < 200; i++)
        {
            _clock.Advance(TimeSpan.FromMilliseconds(700));
            _times.Record(300, 0.001);
            Assert.Equal(_clock.Now, _times.Estimate(300).Timestamp);
        }
    }

    [Fact]
    public void RecordStopped_LongerThanTheP95_Counts()
    {
        Repeat(100, () => _times.Record(300, 0.002));
        Repeat(16, () => _times.RecordStopped(300, 0.020));
        Assert.InRange(_times.Estimate(300).P95, 0.020, 0.023);
    }

    [Fact]
    public void RecordStopped_NotLongerThanTheP95_TellsNothing()
    {
        Repeat(100, () => _times.Record(300, 0.002));
        var before = _times.Estimate(300);
        Repeat(100, () => _times.RecordStopped(300, 0.0001));
        Assert.Equal(before, _times.Estimate(300));
    }

    [Fact]
    public void RecordStopped_NothingKnown_TellsNothing()
    {
        _times.RecordStopped(300, 0.020);
        Assert.False(_times.Estimate(300).IsKnown);
    }

    [Fact]
    public void Record_AfterAProbe_HalvesWhatWasKnown()
    {
        Repeat(1000, () => _times.Record(300, 0.050));
        var probes = 0;
        while (_times.Estimate(300).P95 > 0.002)
        {
            _clock.Advance(TimeSpan.FromSeconds(2));
            Assert.True(_times.Estimate(300).Probe!.TryTake(_clock.Now, TimeSpan.TicksPerSecond));
            _times.Record(300, 0.001);
            Assert.True(++probes <= 12, $"still {_times.Estimate(300)} after {probes} probes");
        }

        Assert.InRange(_times.Estimate(300).Mean, 0.001, 0.05);
    }

    [Fact]
    public async Task Record_ManyThreads_LosesNoSample()
    {
        var times = new ServiceTimes(_clock);
        await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => Repeat(20_000, () => times.Record(300, 0.003)))));
        Assert.Equal(0.003, times.Estimate(300).Mean, 1e-9);
        Assert.InRange(times.Estimate(300).P95, 0.003, 0.00345);
    }

    private void Traffic(int perSecond, int seconds, double time) => Repeat(perSecond * seconds, () =>
    {
        _clock.Advance(TimeSpan.FromSeconds(1.0 / perSecond));
        _times.Record(300, time);
    });

    private static void Repeat(int count, Action action)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }
    }

    private static double Normal(Random random) =>
        Math.Sqrt(-2 * Math.Log(1 - random.NextDouble())) * Math.Cos(2 * Math.PI * random.NextDouble());
}

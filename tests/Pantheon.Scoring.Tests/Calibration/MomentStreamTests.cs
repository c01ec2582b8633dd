using Pantheon.Scoring.Calibration;

namespace Pantheon.Scoring.Tests.Calibration;

public sealed class MomentStreamTests
{
    private const double HalfLife = 100;

    [Fact]
    public void Now_AfterAHalfLife_WeighsHalfWithTheSameDistribution()
    {
        var clock = new ManualClock();
        var stream = new MomentStream(HalfLife, clock);
        stream.Add(ScoreMoments.Of([1, 2, 3, 6]));
        clock.Advance(TimeSpan.FromSeconds(HalfLife));

        var now = stream.Now;

        Assert.Equal((2, 0.5), (now.Scores.Count, now.Requests));
        Assert.Equal((3, Math.Sqrt(3.5)), (now.Scores.Mean, now.Scores.Std));
    }

    [Fact]
    public void Add_NoScores_IsNoRequest()
    {
        var stream = new MomentStream(HalfLife, new ManualClock());
        stream.Add(ScoreMoments.Of([float.NaN]));
        Assert.Equal((default, 0), (stream.Now, stream.Taken));
    }

    // Many small steps of decay, against every score weighed once by its age.
    [Theory]
    [InlineData(0, 1)]
    [InlineData(1e6, 1e-3)]
    [InlineData(-300, 1e-4)]
    public void Now_ManyRequests_IsTheClosedFormOfTheDecay(double centre, double spread)
    {
        var random = new Random(5);
        var clock = new ManualClock();
        var stream = new MomentStream(HalfLife, clock);
        var all = new List<(decimal Offset, double Time)>();
        for (var request = 0; request < 3000; request++)
        {
            clock.Advance(TimeSpan.FromMilliseconds(random.Next(0, 300)));
            // In double precision: a float has no 1e-3 at 1e6.
            var moments = default(ScoreMoments);
            for (var score = 0; score < 20; score++)
            {
                var offset = spread * random.NextDouble();
                all.Add(((decimal)(centre + offset) - (decimal)centre, clock.Now / (double)TimeSpan.TicksPerSecond));
                moments += new ScoreMoments(1, centre + offset, 0);
            }

            stream.Add(moments);
        }

        clock.Advance(TimeSpan.FromSeconds(37));
        var (weight, mean, squares) = (0m, 0m, 0m);
        foreach (var (offset, time) in all)
        {
            var weighs = (decimal)Math.Pow(0.5, ((clock.Now / (double)TimeSpan.TicksPerSecond) - time) / HalfLife);
            (weight, mean) = (weight + weighs, mean + (weighs * offset));
        }

        mean /= weight;
        foreach (var (offset, time) in all)
        {
            squares += (decimal)Math.Pow(0.5, ((clock.Now / (double)TimeSpan.TicksPerSecond) - time) / HalfLife) * (offset - mean) * (offset - mean);
        }

        var now = stream.Now;
        Assert.Equal((double)weight, now.Scores.Count, 1e-9 * (double)weight);
        Assert.Equal(now.Scores.Count / 20, now.Requests, 1e-9 * now.Requests);
        // A part in a million of the spread: at 1e6 a double has steps of 1e-10.
        Assert.Equal((double)mean, now.Scores.Mean - centre, 1e-6 * spread);
        Assert.Equal(Math.Sqrt((double)(squares / weight)), now.Scores.Std, 1e-6 * spread);
    }

    [Fact]
    public void Add_PartsOnReplicasInAnyOrder_IsTheWhole()
    {
        var random = new Random(9);
        for (var round = 0; round < 50; round++)
        {
            var clock = new ManualClock();
            var whole = new MomentStream(HalfLife, clock);
            MomentStream[] replicas = [.. Enumerable.Range(0, 4).Select(_ => new MomentStream(HalfLife, clock))];
            for (var request = 0; request < 200; request++)
            {
                clock.Advance(TimeSpan.FromSeconds(random.NextDouble()));
                var scores = ScoreMoments.Of([.. Enumerable.Range(0, random.Next(1, 30)).Select(_ => (float)random.NextDouble())]);
                whole.Add(scores);
                replicas[random.Next(replicas.Length)].Add(scores);
            }

            var merged = replicas.Select(replica => replica.Now).OrderBy(_ => random.Next()).Aggregate((left, right) => left + right);

            Assert.Equal(whole.Now.Requests, merged.Requests, 1e-9 * merged.Requests);
            Assert.Equal(whole.Now.Scores.Count, merged.Scores.Count, 1e-9 * merged.Scores.Count);
            Assert.Equal(whole.Now.Scores.Mean, merged.Scores.Mean, 1e-12);
            Assert.Equal(whole.Now.Scores.Std, merged.Scores.Std, 1e-12);
        }
    }

    [Fact]
    public void Now_AfterAges_IsNothingAndStillANumber()
    {
        var clock = new ManualClock();
        var stream = new MomentStream(1, clock);
        stream.Add(ScoreMoments.Of([5, 7]));
        clock.Advance(TimeSpan.FromSeconds(1070));
        Assert.InRange(stream.Now.Scores.Count, 0, 1e-300);
        clock.Advance(TimeSpan.FromDays(1));
        Assert.Equal((0, 0), (stream.Now.Scores.Count, stream.Now.Scores.Std));
        stream.Add(ScoreMoments.Of([1, 3]));
        Assert.Equal((2, 2, 1), (stream.Now.Scores.Count, stream.Now.Scores.Mean, stream.Now.Scores.Std));
    }

    [Fact]
    public async Task Add_FromManyThreads_LosesNothing()
    {
        var stream = new MomentStream(HalfLife, new ManualClock());
        await Task.WhenAll(Enumerable.Range(0, 4).Select(thread => Task.Run(() =>
        {
            for (var request = 0; request < 5000; request++)
            {
                stream.Add(new ScoreMoments(2, thread, 2));
            }
        })));

        Assert.Equal((20_000L, 20_000.0, 40_000.0), (stream.Taken, stream.Now.Requests, stream.Now.Scores.Count));
        Assert.Equal(1.5, stream.Now.Scores.Mean, 1e-9);
        Assert.Equal(Math.Sqrt(1 + 1.25), stream.Now.Scores.Std, 1e-9);
    }
}

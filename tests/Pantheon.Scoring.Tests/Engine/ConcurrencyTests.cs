using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Engine;

public sealed class ConcurrencyTests
{
    private const int Workers = 12;
    private const int RequestsPerWorker = 250;

    // Good, bad, cancelled and late requests to three models at once: every answer is that of a single thread, and when
    // all are gone no slot and no memory is held.
    [Fact]
    public async Task RankAsync_ManyMixedRequests_EqualsASingleThread()
    {
        using var service = new TestService(admission: new AdmissionOptions { Concurrency = 3, QueueLimit = 1000 });
        service.Serve(TestBundles.Rank);
        service.Serve(TestBundles.RankTiled);
        service.Serve(TestBundles.Slow);
        var cases = await OracleAsync(service);
        var kinds = new int[Enum.GetValues<RankFaultKind>().Length];
        var ranked = 0;
        await Task.WhenAll(Enumerable.Range(0, Workers).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < RequestsPerWorker; i++)
            {
                var fault = await OneAsync(service, cases[random.Next(cases.Count)], random);
                if (fault is null)
                {
                    Interlocked.Increment(ref ranked);
                }
                else
                {
                    Interlocked.Increment(ref kinds[(int)fault.Kind]);
                }
            }
        })));
        Assert.Equal((0, 0), (service.Gate.Running, service.Gate.Waiting));
        Assert.Equal(0, service.Memory.OutstandingBytes);
        Assert.True(ranked > Workers * RequestsPerWorker / 4);
        Assert.NotEqual(0, kinds[(int)RankFaultKind.Invalid]);
        Assert.NotEqual(0, kinds[(int)RankFaultKind.Cancelled]);
        Assert.Equal(0, kinds[(int)RankFaultKind.Internal]);
    }

    private static async Task<List<(string Model, Sample Sample, Ranking Expected)>> OracleAsync(TestService service)
    {
        var cases = new List<(string, Sample, Ranking)>();
        for (var i = 0; i < 24; i++)
        {
            var model = i % 2 == 0 ? "rank" : "rank-tiled";
            var sample = new Sample(new Random(1000 + i), 1 + (i * 63 / 23));
            cases.Add((model, sample, await service.RankAsync(sample.Typed(service.Ask(model)).Top(7))));
        }

        return cases;
    }

    private static async Task<RankFault?> OneAsync(TestService service, (string Model, Sample Sample, Ranking Expected) good, Random random)
    {
        using var cancellation = new CancellationTokenSource();
        switch (random.Next(8))
        {
            case 0:
                var bad = good.Sample.Raw(service.Ask(good.Model));
                bad.CandidateFeatures[0].Data.Shrink(1);
                return AssertKind(await service.RankAsync(bad), RankFaultKind.Invalid);
            case 1:
                var tooHigh = new Sample(random, 3) { Items = [1, 2, 100] };
                return AssertKind(await service.RankAsync(tooHigh.Typed(service.Ask(good.Model))), RankFaultKind.Invalid);
            case 2:
                // Stopped while it runs or waits, or before.
                ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), cancellation, preferLocal: false);
                var slow = service.Ask("slow").Int64s(true, "rounds", 1L << 40).Floats(false, "x", 1, 2, 3);
                return AssertKind(await service.RankAsync(slow, cancellation: cancellation.Token), RankFaultKind.Cancelled);
            case 3:
                // Cancelled around its end: either answer is right, a wrong ranking is not.
                ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), cancellation, preferLocal: false);
                break;
            case 4:
                var late = service.Clock.GetTimestamp() + random.Next(400_000);
                var maybe = await service.RankAsync(good.Sample.Typed(service.Ask(good.Model)).Top(7), late);
                Check(good.Expected, maybe);
                return maybe.Fault;
        }

        var filled = random.Next(2) == 0 ? good.Sample.Typed(service.Ask(good.Model)) : good.Sample.Raw(service.Ask(good.Model));
        var ranking = await service.RankAsync(filled.Top(7), cancellation: cancellation.Token);
        Check(good.Expected, ranking);
        return ranking.Fault;
    }

    private static void Check(Ranking expected, Ranking came)
    {
        if (came.Fault is { } fault)
        {
            Assert.True(fault.Kind is RankFaultKind.Cancelled or RankFaultKind.DeadlineExceeded or RankFaultKind.Overloaded, fault.Message);
            return;
        }

        Assert.Equal(expected.Positions, came.Positions);
        Assert.Equal(expected.Scores, came.Scores);
        Assert.Equal(expected.Pxtrs[0], came.Pxtrs[0]);
    }

    private static RankFault? AssertKind(Ranking ranking, RankFaultKind kind)
    {
        Assert.Equal(kind, ranking.Fault?.Kind);
        return ranking.Fault;
    }

    private static void Cancel(CancellationTokenSource source)
    {
        try
        {
            source.Cancel();
        }
        catch (ObjectDisposedException)
        {
            // The request was faster.
        }
    }
}

using System.Diagnostics;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;
using Xunit.Abstractions;

namespace Pantheon.Scoring.Tests.Engine;

/// <summary>Who comes late, who leaves and who is refused: the right status, and the memory comes home.</summary>
public sealed class DeadlineTests(ITestOutputHelper output) : IDisposable
{
    // Rounds of the slow graph's loop: minutes, if nobody stops it.
    private const long ForEver = 1L << 40;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualClock _clock = new();
    private TestService? _service;

    private TestService Service => _service ??= new TestService(_clock, admission: new AdmissionOptions { Concurrency = 1, QueueLimit = 1 });

    public void Dispose() => _service?.Dispose();

    [Fact]
    public async Task RankAsync_CallerHasLeft_IsCancelled()
    {
        Service.Serve(TestBundles.Echo);
        var fault = await Service.RefuseAsync(Echo(), cancellation: new CancellationToken(true));
        Assert.Equal((RankFaultKind.Cancelled, "the caller left"), (fault.Kind, fault.Message));
        Assert.Contains("pantheon.requests=1 model:echo outcome:cancelled", Service.Counted);
    }

    // Once refused as overload where the time of its size was known, and run where it was not.
    [Fact]
    public async Task RankAsync_DeadlineHasPassed_IsDeadlineExceeded()
    {
        Service.Serve(TestBundles.Echo);
        var fault = await Service.RefuseAsync(Echo(), _clock.Now);
        Assert.Equal((RankFaultKind.DeadlineExceeded, "the deadline passed before the answer was ready"), (fault.Kind, fault.Message));
    }

    [Theory]
    [InlineData(5, RankFaultKind.DeadlineExceeded)]
    [InlineData(1000, RankFaultKind.Cancelled)]
    public async Task RankAsync_CancelledByAnEarlyTimer_IsDeadlineExceeded(int millisecondsLeft, RankFaultKind expected)
    {
        Service.Serve(TestBundles.Echo);
        var fault = await Service.RefuseAsync(Echo(), _clock.In(TimeSpan.FromMilliseconds(millisecondsLeft)), new CancellationToken(true));
        Assert.Equal(expected, fault.Kind);
    }

    [Theory]
    [InlineData(false, RankFaultKind.Cancelled)]
    [InlineData(true, RankFaultKind.DeadlineExceeded)]
    public async Task RankAsync_LeavesWhileQueued_LeavesTheQueueAtOnce(bool late, RankFaultKind expected)
    {
        Service.Serve(TestBundles.Echo);
        var holder = await Service.Gate.EnterAsync(default, long.MaxValue, CancellationToken.None);
        using var cancellation = new CancellationTokenSource();
        var ranking = Service.RankAsync(Echo(), _clock.In(TimeSpan.FromSeconds(1)), cancellation.Token);
        Assert.False(ranking.IsCompleted);
        Assert.Equal(1, Service.Gate.Waiting);
        _clock.Advance(late ? TimeSpan.FromSeconds(1) : TimeSpan.Zero);
        await cancellation.CancelAsync();
        Assert.Equal(expected, (await ranking.WaitAsync(Patience)).Fault!.Kind);
        Service.Gate.Leave(holder.Slot);
    }

    [Fact]
    public async Task RankAsync_SlotFreesAfterTheDeadline_IsDeadlineExceeded()
    {
        Service.Serve(TestBundles.Echo);
        var holder = await Service.Gate.EnterAsync(default, long.MaxValue, CancellationToken.None);
        var ranking = Service.RankAsync(Echo(), _clock.In(TimeSpan.FromSeconds(1)));
        _clock.Advance(TimeSpan.FromSeconds(1));
        Service.Gate.Leave(holder.Slot);
        Assert.Equal(RankFaultKind.DeadlineExceeded, (await ranking.WaitAsync(Patience)).Fault!.Kind);
    }

    [Fact]
    public async Task RankAsync_QueuedThenFree_IsRanked()
    {
        Service.Serve(TestBundles.Echo);
        var holder = await Service.Gate.EnterAsync(default, long.MaxValue, CancellationToken.None);
        var ranking = Service.RankAsync(Echo());
        _clock.Advance(TimeSpan.FromMilliseconds(250));
        Service.Gate.Leave(holder.Slot);
        var ranked = await ranking.WaitAsync(Patience);
        Assert.Equal([1, 0], ranked.Positions);
        Assert.Equal(0.25, ranked.Seconds.Queue, 1e-9);
    }

    [Theory]
    [InlineData(false, RankFaultKind.Cancelled)]
    [InlineData(true, RankFaultKind.DeadlineExceeded)]
    public async Task RankAsync_LeavesWhileRunning_StopsTheGraph(bool late, RankFaultKind expected)
    {
        Service.Serve(TestBundles.Slow);
        using var cancellation = new CancellationTokenSource();
        var ranking = Task.Run(() => Service.RankAsync(Slow(ForEver), _clock.In(TimeSpan.FromSeconds(10)), cancellation.Token));
        await UntilAsync(() => Service.Gate.Running == 1);
        _clock.Advance(late ? TimeSpan.FromSeconds(10) : TimeSpan.Zero);
        var stopwatch = Stopwatch.StartNew();
        await cancellation.CancelAsync();
        Assert.Equal(expected, (await ranking.WaitAsync(Patience)).Fault!.Kind);
        output.WriteLine($"stopped within {stopwatch.Elapsed.TotalMilliseconds:F2} ms");
        Assert.Equal((0, 0), (Service.Gate.Running, Service.Memory.OutstandingBytes));
        // The run that was stopped is reused, and is not stopped again.
        Assert.Equal(2, (await Service.RankAsync(Slow(3))).Positions.Length);
    }

    // Only what is done was once remembered: a model that became slower than its deadlines stayed fast on paper.
    [Fact]
    public async Task RankAsync_StoppedByItsDeadline_IsRememberedAsSlow()
    {
        var model = Service.Serve(TestBundles.Slow);
        for (var i = 0; i < 40; i++)
        {
            model.ServiceTimes.Record(2, 0.001);
        }

        for (var i = 0; i < 8; i++)
        {
            using var cancellation = new CancellationTokenSource();
            var ranking = Task.Run(() => Service.RankAsync(Slow(ForEver), _clock.In(TimeSpan.FromMilliseconds(100)), cancellation.Token));
            await UntilAsync(() => Service.Gate.Running == 1 || ranking.IsCompleted);
            _clock.Advance(TimeSpan.FromMilliseconds(100));
            await cancellation.CancelAsync();
            await ranking.WaitAsync(Patience);
        }

        Assert.True(model.ServiceTimes.Estimate(2).P95 >= 0.1);
        var fault = await Service.RefuseAsync(Slow(1), _clock.In(TimeSpan.FromMilliseconds(90)));
        Assert.Equal(RankFaultKind.Overloaded, fault.Kind);
    }

    [Fact]
    public async Task RankAsync_QueueFull_IsOverloadedWithARetryHint()
    {
        var model = Service.Serve(TestBundles.Echo);
        Repeat(40, () => model.ServiceTimes.Record(2, 0.0205));
        var holder = await Service.Gate.EnterAsync(model.ServiceTimes.Estimate(2), long.MaxValue, CancellationToken.None);
        var queued = Service.RankAsync(Echo());
        var refused = (await Service.RankAsync(Echo())).Fault!;
        Assert.Equal(RankFaultKind.Overloaded, refused.Kind);
        Assert.StartsWith("overloaded: the queue is full; try again in ", refused.Message, StringComparison.Ordinal);
        Assert.InRange(refused.RetryAfter.TotalMilliseconds, 38, 42);
        Assert.Contains("pantheon.requests=1 model:echo outcome:resource_exhausted", Service.Counted);
        Service.Gate.Leave(holder.Slot);
        Assert.Null((await queued.WaitAsync(Patience)).Fault);
    }

    [Fact]
    public async Task RankAsync_WouldBeTooLate_IsOverloadedWithARetryHint()
    {
        var model = Service.Serve(TestBundles.Echo);
        Repeat(40, () => model.ServiceTimes.Record(2, 0.020));
        var holder = await Service.Gate.EnterAsync(model.ServiceTimes.Estimate(2), long.MaxValue, CancellationToken.None);
        var fault = (await Service.RankAsync(Echo(), _clock.In(TimeSpan.FromMilliseconds(30)))).Fault!;
        Assert.Equal(RankFaultKind.Overloaded, fault.Kind);
        Assert.StartsWith("overloaded: it would not be ranked before its deadline; try again in ", fault.Message, StringComparison.Ordinal);
        Assert.InRange(fault.RetryAfter.TotalMilliseconds, 18, 22);
        Service.Gate.Leave(holder.Slot);
    }

    private static void Repeat(int count, Action action)
    {
        for (var i = 0; i < count; i++)
        {
            action();
        }
    }

    private static async Task UntilAsync(Func<bool> condition)
    {
        var stopwatch = Stopwatch.StartNew();
        while (!condition())
        {
            Assert.True(stopwatch.Elapsed < Patience, "waited too long");
            await Task.Yield();
        }
    }

    private RankQuery Echo() => Service.Ask("echo").Floats(false, "x", 1, 2);

    private RankQuery Slow(long rounds) => Service.Ask("slow").Int64s(true, "rounds", rounds).Floats(false, "x", 1, 2);
}

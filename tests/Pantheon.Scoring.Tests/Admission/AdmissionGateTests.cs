using Pantheon.Scoring.Admission;

namespace Pantheon.Scoring.Tests.Admission;

public sealed class AdmissionGateTests
{
    private const long NoDeadline = long.MaxValue;
    private static readonly TimeSpan Patience = TimeSpan.FromSeconds(20);

    private readonly ManualClock _clock = new();

    [Fact]
    public async Task EnterAsync_FreeSlots_AdmitsAtOnceUpToTheLimit()
    {
        var gate = Gate(slots: 2, queue: 1);
        var first = Enter(gate);
        var second = Enter(gate);
        Assert.True(first.IsCompletedSuccessfully && second.IsCompletedSuccessfully);
        Assert.Equal([0, 1], new[] { (await first).Slot, (await second).Slot }.Order());
        Assert.Equal(2, gate.Running);
        Assert.False(Enter(gate).IsCompleted);
        Assert.Equal(1, gate.Waiting);
        Assert.Equal(2, gate.Running);
    }

    [Fact]
    public async Task EnterAsync_QueueFull_RefusesAtOnce()
    {
        var gate = Gate(slots: 1, queue: 2);
        var holder = await Enter(gate, Estimate(0.010));
        var waiting = new[] { Enter(gate, Estimate(0.010)), Enter(gate, Estimate(0.010)) };
        var refused = Enter(gate, Estimate(0.010));
        Assert.True(refused.IsCompleted);
        var decision = await refused;
        Assert.Equal(AdmissionOutcome.QueueFull, decision.Outcome);
        Assert.Equal(0.030, decision.WaitSeconds, 1e-6);
        await Drain(gate, holder, waiting);
    }

    [Fact]
    public async Task EnterAsync_NoQueue_RefusesWhatCannotRunNow()
    {
        var gate = Gate(slots: 1, queue: 0);
        var holder = await Enter(gate);
        Assert.Equal(AdmissionOutcome.QueueFull, (await Enter(gate)).Outcome);
        gate.Leave(holder.Slot);
        Assert.Equal(AdmissionOutcome.Admitted, (await Enter(gate)).Outcome);
    }

    [Fact]
    public async Task Leave_SeveralWaiting_AdmitsFirstComeFirstServed()
    {
        var gate = Gate(slots: 2, queue: 16);
        var slots = new[] { (await Enter(gate)).Slot, (await Enter(gate)).Slot };
        var waiting = Enumerable.Range(0, 10).Select(_ => Enter(gate)).ToList();
        for (var i = 0; i < waiting.Count; i++)
        {
            gate.Leave(slots[i % 2]);
            var decision = await Within(waiting[i]);
            Assert.Equal(AdmissionOutcome.Admitted, decision.Outcome);
            // The very slot that was given back.
            Assert.Equal(slots[i % 2], decision.Slot);
            Assert.All(waiting.Skip(i + 1), later => Assert.False(later.IsCompleted));
            Assert.Equal(2, gate.Running);
        }

        gate.Leave(slots[0]);
        gate.Leave(slots[1]);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task EnterAsync_CancelledWhileWaiting_LeavesTheQueueAtOnce()
    {
        var gate = Gate(slots: 1, queue: 2);
        var holder = await Enter(gate);
        using var cancellation = new CancellationTokenSource();
        var leaving = Enter(gate, cancellation: cancellation.Token);
        var staying = Enter(gate);
        await cancellation.CancelAsync();
        Assert.Equal(AdmissionOutcome.Abandoned, (await Within(leaving)).Outcome);
        Assert.Equal(1, gate.Waiting);
        gate.Leave(holder.Slot);
        Assert.Equal(AdmissionOutcome.Admitted, (await Within(staying)).Outcome);
    }

    [Fact]
    public async Task EnterAsync_AlreadyCancelled_TakesNoSlot()
    {
        var gate = Gate(slots: 1, queue: 2);
        Assert.Equal(AdmissionOutcome.Abandoned, (await Enter(gate, cancellation: new CancellationToken(true))).Outcome);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task EnterAsync_CancelledAfterAdmission_KeepsItsSlot()
    {
        var gate = Gate(slots: 1, queue: 2);
        var holder = await Enter(gate);
        using var cancellation = new CancellationTokenSource();
        var next = Enter(gate, cancellation: cancellation.Token);
        gate.Leave(holder.Slot);
        await cancellation.CancelAsync();
        var decision = await Within(next);
        Assert.Equal(AdmissionOutcome.Admitted, decision.Outcome);
        Assert.Equal(1, gate.Running);
        gate.Leave(decision.Slot);
        Assert.Equal(0, gate.Running);
    }

    [Fact]
    public async Task Leave_ExpiredWaiter_SkipsItForTheNext()
    {
        var gate = Gate(slots: 1, queue: 4);
        var holder = await Enter(gate);
        var expired = Enter(gate, deadline: _clock.In(TimeSpan.FromMilliseconds(5)));
        var alsoExpired = Enter(gate, deadline: _clock.In(TimeSpan.FromMilliseconds(10)));
        var next = Enter(gate);
        _clock.Advance(TimeSpan.FromMilliseconds(10));
        gate.Leave(holder.Slot);
        Assert.Equal(AdmissionOutcome.Abandoned, (await Within(expired)).Outcome);
        Assert.Equal(AdmissionOutcome.Abandoned, (await Within(alsoExpired)).Outcome);
        Assert.Equal(AdmissionOutcome.Admitted, (await Within(next)).Outcome);
        Assert.Equal((1, 0), (gate.Running, gate.Waiting));
    }

    [Fact]
    public async Task Leave_OnlyExpiredWaiters_FreesTheSlot()
    {
        var gate = Gate(slots: 1, queue: 4);
        var holder = await Enter(gate);
        var expired = Enter(gate, deadline: _clock.In(TimeSpan.FromMilliseconds(5)));
        _clock.Advance(TimeSpan.FromMilliseconds(6));
        gate.Leave(holder.Slot);
        Assert.Equal(AdmissionOutcome.Abandoned, (await Within(expired)).Outcome);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
        Assert.True(Enter(gate).IsCompleted);
    }

    // A request that came late once took a slot where nothing was known of its size, and was told of overload where
    // something was.
    [Theory]
    [InlineData(false)]
    [InlineData(true)]
    public async Task EnterAsync_DeadlinePassed_IsAbandonedNotOverload(bool known)
    {
        var gate = Gate(slots: 1, queue: 4);
        var decision = await Enter(gate, known ? Estimate(0.010) : default, _clock.Now);
        Assert.Equal(AdmissionOutcome.Abandoned, decision.Outcome);
        Assert.Equal(0, gate.Running);
    }

    [Theory]
    [InlineData(13, AdmissionOutcome.Admitted)]
    [InlineData(11, AdmissionOutcome.TooLate)]
    public async Task EnterAsync_FreeSlot_ComparesItsOwnP95(int milliseconds, AdmissionOutcome expected)
    {
        var gate = Gate(slots: 1, queue: 4);
        var decision = await Enter(gate, Estimate(0.010, p95: 0.012), _clock.In(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(expected, decision.Outcome);
        Assert.Equal(0, decision.WaitSeconds);
        Assert.Equal(expected == AdmissionOutcome.Admitted ? 1 : 0, gate.Running);
    }

    [Theory]
    [InlineData(37, false)]
    [InlineData(33, true)]
    public async Task EnterAsync_Queue_AddsTheMeansOfThoseAhead(int milliseconds, bool refused)
    {
        // Two slots, both 8 ms from done; three waiting of 10 ms each: slots free at 8, 8; then 18, 18; then 28: the
        // next starts at 18 + 5 of the third waiter, 23, and needs 12.
        var gate = Gate(slots: 2, queue: 8);
        var holders = new[] { await Enter(gate, Estimate(0.010)), await Enter(gate, Estimate(0.010)) };
        _clock.Advance(TimeSpan.FromMilliseconds(2));
        var waiting = new List<Task<AdmissionDecision>>
        {
            Enter(gate, Estimate(0.010)), Enter(gate, Estimate(0.010)), Enter(gate, Estimate(0.005)), Enter(gate, Estimate(0.010)),
        };
        var task = Enter(gate, Estimate(0.010, p95: 0.012), _clock.In(TimeSpan.FromMilliseconds(milliseconds)));
        Assert.Equal(refused, task.IsCompleted);
        if (refused)
        {
            var decision = await task;
            Assert.Equal(AdmissionOutcome.TooLate, decision.Outcome);
            Assert.Equal(0.023, decision.WaitSeconds, 1e-6);
        }
        else
        {
            waiting.Add(task);
        }

        gate.Leave(holders[1].Slot);
        var admitted = await Within(waiting[0]);
        gate.Leave(admitted.Slot);
        await Drain(gate, holders[0], waiting[1..]);
    }

    [Fact]
    public async Task EnterAsync_RunOverItsEstimate_CountsAsDoneAnyMoment()
    {
        var gate = Gate(slots: 1, queue: 8);
        var holder = await Enter(gate, Estimate(0.010));
        _clock.Advance(TimeSpan.FromMilliseconds(500));
        var task = Enter(gate, Estimate(0.010, p95: 0.012), _clock.In(TimeSpan.FromMilliseconds(20)));
        Assert.False(task.IsCompleted);
        await Drain(gate, holder, [task]);
    }

    [Fact]
    public async Task EnterAsync_NoDeadline_IsNeverTooLate()
    {
        var gate = Gate(slots: 1, queue: 8);
        var holder = await Enter(gate, Estimate(1000));
        var task = Enter(gate, Estimate(1000));
        Assert.False(task.IsCompleted);
        await Drain(gate, holder, [task]);
    }

    [Fact]
    public async Task EnterAsync_NothingKnown_LetsItThrough() =>
        Assert.Equal(AdmissionOutcome.Admitted, (await Enter(Gate(1, 1), default, _clock.In(TimeSpan.FromMicroseconds(1)))).Outcome);

    // All requests once passed an estimate that had grown old, not one: a burst after a pause was not judged at all.
    [Fact]
    public async Task EnterAsync_OldEstimate_LetsOneThroughPerLifetime()
    {
        var gate = Gate(slots: 4, queue: 8);
        var times = new ServiceTimes(_clock);
        times.Record(300, 0.050);
        for (var period = 0; period < 3; period++)
        {
            Assert.Equal(AdmissionOutcome.TooLate, (await EnterShort(gate, times)).Outcome);
            _clock.Advance(TimeSpan.FromSeconds(1.5));
            var probe = await EnterShort(gate, times);
            Assert.Equal(AdmissionOutcome.Admitted, probe.Outcome);
            for (var i = 0; i < 10; i++)
            {
                Assert.Equal(AdmissionOutcome.TooLate, (await EnterShort(gate, times)).Outcome);
            }

            gate.Leave(probe.Slot);
        }
    }

    [Fact]
    public async Task EnterAsync_ProbeThatWasFast_OpensTheGateAgain()
    {
        var gate = Gate(slots: 4, queue: 8);
        var times = new ServiceTimes(_clock);
        for (var i = 0; i < 1000; i++)
        {
            times.Record(300, 0.050);
        }

        var seconds = 0;
        while (true)
        {
            var decision = await EnterShort(gate, times);
            if (decision.Outcome == AdmissionOutcome.Admitted)
            {
                times.Record(300, 0.001);
                gate.Leave(decision.Slot);
                if ((await EnterShort(gate, times)).Outcome == AdmissionOutcome.Admitted)
                {
                    break;
                }
            }

            _clock.Advance(TimeSpan.FromSeconds(1));
            Assert.True(++seconds < 30, "the gate never opened again");
        }
    }

    [Fact]
    public async Task EnterAsync_OldEstimateButLongQueue_IsStillTooLate()
    {
        var gate = Gate(slots: 1, queue: 8);
        await Enter(gate, Estimate(10));
        _clock.Advance(TimeSpan.FromSeconds(5));
        var old = new ServiceTimeEstimate(0.010, 0.012, _clock.Now - (3 * TimeSpan.TicksPerSecond));
        Assert.Equal(AdmissionOutcome.TooLate, (await Within(Enter(gate, old, _clock.In(TimeSpan.FromSeconds(2))))).Outcome);
    }

    [Fact]
    public async Task EnterAndLeave_ManyThreadsAndCancellations_LosesNoSlot()
    {
        const int Slots = 3;
        var gate = new AdmissionGate(new AdmissionOptions { Concurrency = Slots, QueueLimit = 6 }, TimeProvider.System);
        var counts = new int[4];
        var inside = 0;
        var most = 0;
        await Task.WhenAll(Enumerable.Range(0, 16).Select(worker => Task.Run(async () =>
        {
            var random = new Random(worker);
            for (var i = 0; i < 3000; i++)
            {
                using var cancellation = new CancellationTokenSource();
                var deadline = random.Next(3) == 0 ? TimeProvider.System.GetTimestamp() + random.Next(200_000) : NoDeadline;
                var entering = gate.EnterAsync(Estimate(random.NextDouble() * 1e-4, timestamp: long.MaxValue / 2), deadline, cancellation.Token).AsTask();
                if (random.Next(2) == 0)
                {
                    // Against the handover, on another thread.
                    ThreadPool.UnsafeQueueUserWorkItem(static source => Cancel(source), cancellation, preferLocal: false);
                }

                var decision = await entering.WaitAsync(Patience);
                Interlocked.Increment(ref counts[(int)decision.Outcome]);
                if (decision.Outcome != AdmissionOutcome.Admitted)
                {
                    continue;
                }

                var now = Interlocked.Increment(ref inside);
                InterlockedMax(ref most, now);
                // Holding it across threads lets all workers come to the gate at once, even on one core.
                for (var hops = random.Next(4); hops > 0; hops--)
                {
                    await Task.Yield();
                }

                Interlocked.Decrement(ref inside);
                gate.Leave(decision.Slot);
            }
        })));
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
        Assert.InRange(most, 1, Slots);
        Assert.All([AdmissionOutcome.Admitted, AdmissionOutcome.QueueFull, AdmissionOutcome.Abandoned], outcome => Assert.NotEqual(0, counts[(int)outcome]));
        var slots = new HashSet<int>();
        for (var i = 0; i < Slots; i++)
        {
            Assert.True(slots.Add((await Enter(gate)).Slot));
        }
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

    private static void InterlockedMax(ref int most, int value)
    {
        var seen = Volatile.Read(ref most);
        while (value > seen)
        {
            seen = Interlocked.CompareExchange(ref most, value, seen) is var found && found == seen ? value : found;
        }
    }

    private static Task<AdmissionDecision> Within(Task<AdmissionDecision> task) => task.WaitAsync(Patience);

    // Gives slots back until everybody who waits was admitted and has left.
    private static async Task Drain(AdmissionGate gate, AdmissionDecision holder, IEnumerable<Task<AdmissionDecision>> waiting)
    {
        var slot = holder.Slot;
        foreach (var task in waiting)
        {
            gate.Leave(slot);
            var decision = await Within(task);
            Assert.Equal(AdmissionOutcome.Admitted, decision.Outcome);
            slot = decision.Slot;
        }

        gate.Leave(slot);
        Assert.Equal((0, 0), (gate.Running, gate.Waiting));
    }

    private AdmissionGate Gate(int slots, int queue) => new(new AdmissionOptions { Concurrency = slots, QueueLimit = queue }, _clock);

    private ServiceTimeEstimate Estimate(double mean, double? p95 = null, long? timestamp = null) =>
        new(mean, p95 ?? mean * 1.2, timestamp ?? _clock.Now);

    private Task<AdmissionDecision> EnterShort(AdmissionGate gate, ServiceTimes times) =>
        Within(Enter(gate, times.Estimate(300), _clock.In(TimeSpan.FromMilliseconds(10))));

    private static Task<AdmissionDecision> Enter(
        AdmissionGate gate, ServiceTimeEstimate estimate = default, long deadline = NoDeadline, CancellationToken cancellation = default) =>
        gate.EnterAsync(estimate, deadline, cancellation).AsTask();
}

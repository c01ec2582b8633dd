namespace Pantheon.Scoring.Admission;

/// <summary>What the gate decided about a request.</summary>
public enum AdmissionOutcome
{
    /// <summary>It holds a slot and must leave it.</summary>
    Admitted,

    /// <summary>The queue is full.</summary>
    QueueFull,

    /// <summary>It would not be done before its deadline.</summary>
    TooLate,

    /// <summary>Its deadline passed or its caller left while it waited.</summary>
    Abandoned,
}

/// <summary>The gate's answer.</summary>
/// <param name="Outcome">What was decided.</param>
/// <param name="WaitSeconds">On refusal, the expected wait for a slot at that moment, in seconds.</param>
/// <param name="Slot">On admission, what <see cref="AdmissionGate.Leave"/> wants back.</param>
public readonly record struct AdmissionDecision(AdmissionOutcome Outcome, double WaitSeconds, int Slot);

/// <summary>
/// Lets a bounded number of requests run and a bounded number wait, first come first served, and refuses at once what
/// would not be done in time: when the expected wait plus the p95 of the service time exceeds what remains of the
/// deadline. Work that is certain to be thrown away is never started.
/// </summary>
public sealed class AdmissionGate
{
    private readonly Lock _lock = new();
    private readonly TimeProvider _clock;
    private readonly AdmissionOptions _options;
    private readonly LinkedList<Waiter> _queue = new();
    private readonly Stack<int> _freeSlots = new();
    // When each busy slot is expected to be free, in the clock's ticks.
    private readonly long[] _expectedEnds;
    private readonly double _ticksPerSecond;

    /// <summary>A gate with all slots free.</summary>
    public AdmissionGate(AdmissionOptions options, TimeProvider clock)
    {
        _options = options;
        _clock = clock;
        _ticksPerSecond = clock.TimestampFrequency;
        _expectedEnds = new long[options.Slots];
        for (var slot = options.Slots - 1; slot >= 0; slot--)
        {
            _freeSlots.Push(slot);
        }
    }

    /// <summary>Requests that wait now.</summary>
    public int Waiting
    {
        get
        {
            lock (_lock)
            {
                return _queue.Count;
            }
        }
    }

    /// <summary>Requests that hold a slot now.</summary>
    public int Running
    {
        get
        {
            lock (_lock)
            {
                return _expectedEnds.Length - _freeSlots.Count;
            }
        }
    }

    /// <summary>
    /// Whether more than half of the slots are free, by a look that takes no lock: whoever asks may be put off at any moment, and must not
    /// hold what requests wait for.
    /// </summary>
    public bool IsQuiet => 2 * _freeSlots.Count > _expectedEnds.Length;

    /// <summary>Asks for a slot; completes synchronously unless the request has to wait.</summary>
    /// <param name="estimate">Expected service time; unknown lets it through.</param>
    /// <param name="deadline">The clock's timestamp by which it must be done; <see cref="long.MaxValue"/> for none.</param>
    /// <param name="cancellation">Ends the wait.</param>
    public ValueTask<AdmissionDecision> EnterAsync(ServiceTimeEstimate estimate, long deadline, CancellationToken cancellation)
    {
        if (cancellation.IsCancellationRequested)
        {
            return new(new AdmissionDecision(AdmissionOutcome.Abandoned, 0, -1));
        }

        Waiter waiter;
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            if (now >= deadline)
            {
                return new(new AdmissionDecision(AdmissionOutcome.Abandoned, 0, -1));
            }

            var mean = (long)(estimate.Mean * _ticksPerSecond);
            var start = _freeSlots.Count > 0 ? now : ExpectedStart(now);
            if (deadline != long.MaxValue && estimate.IsKnown && start + (long)(estimate.P95 * _ticksPerSecond) > deadline
                && !(start < deadline && MayProbe(estimate, now)))
            {
                return new(new AdmissionDecision(AdmissionOutcome.TooLate, (start - now) / _ticksPerSecond, -1));
            }

            if (_freeSlots.TryPop(out var slot))
            {
                _expectedEnds[slot] = now + mean;
                return new(new AdmissionDecision(AdmissionOutcome.Admitted, 0, slot));
            }

            if (_queue.Count >= _options.QueueLimit)
            {
                return new(new AdmissionDecision(AdmissionOutcome.QueueFull, (start - now) / _ticksPerSecond, -1));
            }

            waiter = new Waiter(mean, deadline);
            waiter.Node = _queue.AddLast(waiter);
        }

        return WaitAsync(waiter, cancellation);
    }

    /// <summary>Gives a slot back, to the first in the queue if there is one.</summary>
    public void Leave(int slot)
    {
        lock (_lock)
        {
            var now = _clock.GetTimestamp();
            while (_queue.First is { } first)
            {
                _queue.RemoveFirst();
                var waiter = first.Value;
                waiter.Node = null;
                if (now >= waiter.Deadline)
                {
                    waiter.TrySetResult(new AdmissionDecision(AdmissionOutcome.Abandoned, 0, -1));
                    continue;
                }

                _expectedEnds[slot] = now + waiter.Mean;
                waiter.TrySetResult(new AdmissionDecision(AdmissionOutcome.Admitted, 0, slot));
                return;
            }

            _freeSlots.Push(slot);
        }
    }

    private async ValueTask<AdmissionDecision> WaitAsync(Waiter waiter, CancellationToken cancellation)
    {
        using (cancellation.UnsafeRegister(static (state, _) => ((Action)state!)(), (Action)(() => Abandon(waiter))))
        {
            return await waiter.Task.ConfigureAwait(false);
        }
    }

    private void Abandon(Waiter waiter)
    {
        lock (_lock)
        {
            // Without a node it has been given a slot or refused already, and that answer stands.
            if (waiter.Node is { } node)
            {
                _queue.Remove(node);
                waiter.Node = null;
                waiter.TrySetResult(new AdmissionDecision(AdmissionOutcome.Abandoned, 0, -1));
            }
        }
    }

    // An old estimate refuses all but one, which is let through to renew it.
    private bool MayProbe(ServiceTimeEstimate estimate, long now)
    {
        var lifetime = (long)(_options.EstimateLifetime.TotalSeconds * _ticksPerSecond);
        return now - estimate.Timestamp > lifetime && estimate.Probe?.TryTake(now, lifetime) != false;
    }

    // Plays the queue forward: each waiter takes the slot that frees first. Slots are few and the queue is bounded.
    private long ExpectedStart(long now)
    {
        Span<long> ends = _expectedEnds.Length <= 128 ? stackalloc long[_expectedEnds.Length] : new long[_expectedEnds.Length];
        for (var i = 0; i < ends.Length; i++)
        {
            ends[i] = Math.Max(now, _expectedEnds[i]);
        }

        for (var node = _queue.First; node is not null; node = node.Next)
        {
            ends[IndexOfMinimum(ends)] += node.Value.Mean;
        }

        return ends[IndexOfMinimum(ends)];
    }

    private static int IndexOfMinimum(ReadOnlySpan<long> values)
    {
        var minimum = 0;
        for (var i = 1; i < values.Length; i++)
        {
            if (values[i] < values[minimum])
            {
                minimum = i;
            }
        }

        return minimum;
    }

    // Continuations leave the lock: the thread that gives a slot back must not run somebody else's request.
    private sealed class Waiter(long mean, long deadline)
        : TaskCompletionSource<AdmissionDecision>(TaskCreationOptions.RunContinuationsAsynchronously)
    {
        public long Mean { get; } = mean;

        public long Deadline { get; } = deadline;

        public LinkedListNode<Waiter>? Node { get; set; }
    }
}

using Pantheon.Scoring.Admission;

namespace Pantheon.Scoring.Tests.Admission;

/// <summary>What a simulated stretch of traffic came to; counts of requests.</summary>
internal sealed record GateCount
{
    public int Offered { get; set; }

    /// <summary>Given a slot or a place in the queue.</summary>
    public int Admitted { get; set; }

    /// <summary>Admitted, and not done by its deadline: the gate was too kind.</summary>
    public int Missed { get; set; }

    /// <summary>Missed although its own time was within the p95: the queue was at fault, not bad luck.</summary>
    public int MissedWithinP95 { get; set; }

    public int Refused { get; set; }

    /// <summary>Refused, and would have been done by its deadline behind those who were ahead: the gate was too strict.</summary>
    public int RefusedInVain { get; set; }

    /// <summary>Refused in vain although even its p95 would have fitted behind those ahead: the wait was overestimated.</summary>
    public int RefusedThoughP95Fitted { get; set; }

    public int Done => Admitted - Missed;

    public double MissRate => (double)Missed / Math.Max(1, Admitted);

    public double InVainRate => (double)RefusedInVain / Math.Max(1, Refused);

    public double DoneRate => (double)Done / Offered;

    public override string ToString() =>
        $"offered {Offered}, admitted {Admitted}, missed {Missed} ({MissRate:P1} of admitted; {MissedWithinP95} of them within p95), refused {Refused} ({(double)Refused / Offered:P1}), in vain {RefusedInVain} ({InVainRate:P1} of refused, {(double)RefusedInVain / Offered:P1} of offered; {RefusedThoughP95Fitted} though p95 fitted), done {DoneRate:P1}";
}

/// <summary>
/// Discrete events on a manual clock against the real gate and the real statistics: Poisson arrivals of four sizes,
/// log-normal service times, deadlines from tight to loose. A run is stopped at its deadline, a waiter leaves at its,
/// as the engine and its callers do. Every refusal is held against what would have come of it.
/// </summary>
internal sealed class GateSimulation
{
    private const int Slots = 2;
    private const double Sigma = 0.4;

    private static readonly (int Candidates, double Mean, double Share)[] Sizes =
        [(32, 0.0005, 0.3), (128, 0.0015, 0.3), (300, 0.004, 0.3), (1000, 0.012, 0.1)];

    private static readonly double[] Deadlines = [0.010, 0.020, 0.050, 0.150];

    private readonly ManualClock _clock = new();
    private readonly AdmissionGate _gate;
    private readonly ServiceTimes _times;
    private readonly PriorityQueue<Action, (long Time, int Order)> _events = new();
    private readonly List<Request> _waiting = [];
    private readonly Request?[] _running = new Request?[Slots];
    private readonly Random _random;
    private readonly double _rate;
    private readonly bool _judges;
    private int _order;

    private GateSimulation(double load, bool judges, int seed)
    {
        _gate = new AdmissionGate(new AdmissionOptions { Concurrency = Slots }, _clock);
        _times = new ServiceTimes(_clock);
        _random = new Random(seed);
        _judges = judges;
        _rate = load * Slots / Sizes.Sum(size => size.Mean * size.Share);
        for (var i = 0; i < 64; i++)
        {
            foreach (var size in Sizes)
            {
                _times.Record(size.Candidates, LogNormal(size.Mean));
            }
        }
    }

    /// <summary>Plays <paramref name="requests"/> requests.</summary>
    /// <param name="load">Work offered over what the slots can do.</param>
    /// <param name="requests">How many.</param>
    /// <param name="judges">False: the gate knows no service times, hence never refuses as too late.</param>
    /// <param name="seed">Of the traffic.</param>
    public static GateCount Play(double load, int requests, bool judges = true, int seed = 1) =>
        new GateSimulation(load, judges, seed).Run(requests, [1])[0];

    /// <summary>Plays phases of <paramref name="requests"/> requests each, whose service takes as many times longer as each says.</summary>
    public static GateCount[] PlayPhases(double load, int requests, double[] slowness) =>
        new GateSimulation(load, judges: true, seed: 1).Run(requests, slowness);

    private GateCount[] Run(int requests, double[] slowness)
    {
        var phases = slowness.Select(_ => new GateCount()).ToArray();
        var at = (double)_clock.Now;
        for (var i = 0; i < requests * phases.Length; i++)
        {
            at += -Math.Log(1 - _random.NextDouble()) / _rate * TimeSpan.TicksPerSecond;
            var (candidates, mean, _) = Pick();
            var request = new Request(
                candidates,
                Ticks(LogNormal(mean * slowness[i / requests])),
                (long)at + Ticks(Deadlines[_random.Next(Deadlines.Length)]),
                phases[i / requests]);
            Schedule((long)at, () => Arrive(request));
        }

        while (_events.TryDequeue(out var happens, out var when))
        {
            _clock.Now = when.Time;
            happens();
        }

        Assert.Equal((0, 0), (_gate.Running, _gate.Waiting));
        return phases;
    }

    private void Arrive(Request request)
    {
        request.Count.Offered++;
        var estimate = _times.Estimate(request.Candidates);
        request.P95 = Ticks(estimate.P95);
        var entering = _gate.EnterAsync(_judges ? estimate : default, request.Deadline, request.Leaving.Token).AsTask();
        if (!entering.IsCompleted)
        {
            request.Count.Admitted++;
            request.Entering = entering;
            _waiting.Add(request);
            Schedule(request.Deadline, () => LeaveQueue(request));
        }
        else if (entering.Result.Outcome == AdmissionOutcome.Admitted)
        {
            request.Count.Admitted++;
            Start(request, entering.Result.Slot);
        }
        else
        {
            request.Count.Refused++;
            var start = StartBehindThoseAhead();
            request.Count.RefusedInVain += start + request.Service <= request.Deadline ? 1 : 0;
            request.Count.RefusedThoughP95Fitted += start + request.P95 <= request.Deadline ? 1 : 0;
        }
    }

    // First come first served over the slots with everybody's true service time, which the gate cannot know.
    private long StartBehindThoseAhead()
    {
        var ends = _running.Select(request => request?.End ?? _clock.Now).ToArray();
        foreach (var ahead in _waiting)
        {
            var slot = Array.IndexOf(ends, ends.Min());
            if (ends[slot] < ahead.Deadline)
            {
                ends[slot] = Math.Min(ends[slot] + ahead.Service, ahead.Deadline);
            }
        }

        return ends.Min();
    }

    private void Start(Request request, int slot)
    {
        Assert.Null(_running[slot]);
        _running[slot] = request;
        var start = _clock.Now;
        request.End = Math.Min(start + request.Service, request.Deadline);
        Schedule(request.End, () => End(request, slot, start));
    }

    private void End(Request request, int slot, long start)
    {
        _running[slot] = null;
        var seconds = (double)(_clock.Now - start) / TimeSpan.TicksPerSecond;
        if (start + request.Service <= request.Deadline)
        {
            _times.Record(request.Candidates, seconds);
        }
        else
        {
            _times.RecordStopped(request.Candidates, seconds);
            Miss(request);
        }

        _gate.Leave(slot);
        // Those at the head of the queue have their answer now; it reaches them on another thread.
        while (_waiting.Count > _gate.Waiting)
        {
            var first = _waiting[0];
            _waiting.RemoveAt(0);
            Assert.True(first.Entering!.Wait(TimeSpan.FromSeconds(20)));
            var decision = first.Entering.Result;
            if (decision.Outcome == AdmissionOutcome.Admitted)
            {
                Start(first, decision.Slot);
            }
            else
            {
                Miss(first);
            }
        }
    }

    private void LeaveQueue(Request request)
    {
        if (_waiting.Remove(request))
        {
            request.Leaving.Cancel();
            Miss(request);
        }
    }

    private static void Miss(Request request)
    {
        request.Count.Missed++;
        request.Count.MissedWithinP95 += request.Service <= request.P95 ? 1 : 0;
    }

    private (int Candidates, double Mean, double Share) Pick()
    {
        var at = _random.NextDouble();
        foreach (var size in Sizes)
        {
            at -= size.Share;
            if (at < 0)
            {
                return size;
            }
        }

        return Sizes[^1];
    }

    private void Schedule(long time, Action action) => _events.Enqueue(action, (time, _order++));

    private double LogNormal(double mean)
    {
        var normal = Math.Sqrt(-2 * Math.Log(1 - _random.NextDouble())) * Math.Cos(2 * Math.PI * _random.NextDouble());
        return mean * Math.Exp((Sigma * normal) - (Sigma * Sigma / 2));
    }

    private static long Ticks(double seconds) => (long)(seconds * TimeSpan.TicksPerSecond);

    private sealed class Request(int candidates, long service, long deadline, GateCount count)
    {
        public int Candidates { get; } = candidates;

        public long Service { get; } = service;

        public long Deadline { get; } = deadline;

        public GateCount Count { get; } = count;

        public CancellationTokenSource Leaving { get; } = new();

        public Task<AdmissionDecision>? Entering { get; set; }

        public long P95 { get; set; }

        public long End { get; set; }
    }
}

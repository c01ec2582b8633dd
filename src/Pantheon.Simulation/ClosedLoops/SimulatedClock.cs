namespace Pantheon.Simulation.ClosedLoops;

/// <summary>
/// The world's calendar: what time of which day it is follows the simulation. Everything that lasts (deadlines, timers, latencies) goes on
/// in real time.
/// </summary>
/// <param name="start">When the world begins.</param>
public sealed class SimulatedClock(DateTimeOffset start) : TimeProvider
{
    private long _ticks = start.UtcTicks;

    /// <summary>Midnight of day 0.</summary>
    public DateTimeOffset Start => start;

    /// <inheritdoc/>
    public override DateTimeOffset GetUtcNow() => new(Interlocked.Read(ref _ticks), TimeSpan.Zero);

    /// <summary>Moves on to a time; never back.</summary>
    public void MoveTo(DateTimeOffset time)
    {
        for (var now = Interlocked.Read(ref _ticks); time.UtcTicks > now;)
        {
            var found = Interlocked.CompareExchange(ref _ticks, time.UtcTicks, now);
            if (found == now)
            {
                return;
            }

            now = found;
        }
    }
}

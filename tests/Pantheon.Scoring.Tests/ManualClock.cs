namespace Pantheon.Scoring.Tests;

/// <summary>Time that stands still until a test moves it. Ticks are 100 ns.</summary>
internal sealed class ManualClock : TimeProvider
{
    private long _ticks = TimeSpan.TicksPerHour;

    public long Now
    {
        get => Volatile.Read(ref _ticks);
        set => Volatile.Write(ref _ticks, value);
    }

    public override long TimestampFrequency => TimeSpan.TicksPerSecond;

    public override long GetTimestamp() => Now;

    public override DateTimeOffset GetUtcNow() => new(Now, TimeSpan.Zero);

    public void Advance(TimeSpan time) => Interlocked.Add(ref _ticks, time.Ticks);

    public long In(TimeSpan time) => Now + time.Ticks;
}

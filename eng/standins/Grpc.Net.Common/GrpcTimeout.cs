using System.Globalization;

namespace Grpc.Net.Common;

/// <summary>The grpc-timeout header: one to eight digits and a unit (H, M, S, m, u, n).</summary>
internal static class GrpcTimeout
{
    /// <summary>No longer timeout is kept: what eight digits of seconds can say, about three years.</summary>
    public static readonly TimeSpan Longest = TimeSpan.FromSeconds(99_999_999);

    private const long LargestValue = 99_999_999;

    /// <summary>False for what is no timeout, zero included; a sub-tick timeout is one tick, a huge one <see cref="Longest"/>.</summary>
    public static bool TryParse(ReadOnlySpan<char> text, out TimeSpan timeout)
    {
        timeout = default;
        if (text.Length < 2
            || !int.TryParse(text[..^1], NumberStyles.None, CultureInfo.InvariantCulture, out var value)
            || value <= 0)
        {
            return false;
        }

        if (text[^1] == 'n')
        {
            timeout = TimeSpan.FromTicks(Math.Max(1, value / TimeSpan.NanosecondsPerTick));
            return true;
        }

        long ticksPerUnit = text[^1] switch
        {
            'H' => TimeSpan.TicksPerHour,
            'M' => TimeSpan.TicksPerMinute,
            'S' => TimeSpan.TicksPerSecond,
            'm' => TimeSpan.TicksPerMillisecond,
            'u' => TimeSpan.TicksPerMicrosecond,
            _ => 0,
        };
        if (ticksPerUnit == 0)
        {
            return false;
        }

        timeout = value > Longest.Ticks / ticksPerUnit ? Longest : TimeSpan.FromTicks(value * ticksPerUnit);
        return true;
    }

    /// <summary>In the finest unit whose value fits eight digits, rounded up so that the server is never the earlier one to give up.</summary>
    public static string Format(TimeSpan timeout)
    {
        if (timeout <= TimeSpan.Zero)
        {
            return "1n";
        }

        var ticks = timeout < Longest ? timeout.Ticks : Longest.Ticks;
        return InUnits(ticks, TimeSpan.TicksPerMicrosecond) is <= LargestValue and var micros ? Text(micros, 'u')
            : InUnits(ticks, TimeSpan.TicksPerMillisecond) is <= LargestValue and var millis ? Text(millis, 'm')
            : Text(InUnits(ticks, TimeSpan.TicksPerSecond), 'S');

        static long InUnits(long ticks, long unit) => (ticks + unit - 1) / unit;

        static string Text(long value, char unit) => string.Create(CultureInfo.InvariantCulture, $"{value}{unit}");
    }
}

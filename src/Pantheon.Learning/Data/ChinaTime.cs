namespace Pantheon.Learning.Data;

/// <summary>The clock of KuaiRand's date and hourmin columns: UTC+8 all year.</summary>
public static class ChinaTime
{
    internal const long DayMs = 86_400_000;
    internal const long HourMs = 3_600_000;

    private const long OffsetMs = 8 * HourMs;

    /// <summary>When a day begins, in milliseconds since 1970 UTC.</summary>
    public static long StartOf(DateOnly day) =>
        ((long)(day.DayNumber - DateOnly.FromDateTime(DateTime.UnixEpoch).DayNumber) * DayMs) - OffsetMs;

    /// <summary>The day of a time in milliseconds since 1970 UTC.</summary>
    public static DateOnly DayOf(long timeMs) =>
        DateOnly.FromDateTime(DateTime.UnixEpoch).AddDays((int)Math.Floor((timeMs + OffsetMs) / (double)DayMs));

    /// <summary>The hour, 0 to 23, of a time in milliseconds since 1970 UTC.</summary>
    public static int HourOf(long timeMs)
    {
        var ofDay = (timeMs + OffsetMs) % DayMs;
        return (int)((ofDay < 0 ? ofDay + DayMs : ofDay) / HourMs);
    }
}

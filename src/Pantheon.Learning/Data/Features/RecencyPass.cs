namespace Pantheon.Learning.Data;

/// <summary>
/// How recently a user was here: exposures before this one in the session, seconds since the one before (at most 30 days, which also
/// stands for none), and exposures in the 24 hours before. The service itself knows what it showed, so no feedback delay applies.
/// </summary>
internal static class RecencyPass
{
    public const int Width = 3;

    /// <summary>A user who comes back after a month is as good as new.</summary>
    public const float LongestSeconds = 30 * 24 * 3600;

    /// <param name="log">Exposures by time.</param>
    /// <param name="sessionGapMs">A longer pause begins a new session.</param>
    /// <returns>Width 3. Exposures with one time_ms do not see each other and are given the same.</returns>
    public static RowStore Run(InteractionLog log, long sessionGapMs)
    {
        var (starts, rows) = ByUser(log);
        var store = new RowStore(log.Count, Width);
        for (var user = 0; user + 1 < starts.Length; user++)
        {
            Run(log.Time, rows.AsSpan(starts[user], starts[user + 1] - starts[user]), sessionGapMs, store);
        }

        return store;
    }

    /// <param name="time">By row.</param>
    /// <param name="rows">The exposures of one user, by time.</param>
    /// <param name="sessionGapMs">A longer pause begins a new session.</param>
    /// <param name="store">Takes the numbers.</param>
    private static void Run(long[] time, ReadOnlySpan<int> rows, long sessionGapMs, RowStore store)
    {
        var earlier = 0;
        var sessionStart = 0;
        var dayStart = 0;
        var gap = LongestSeconds;
        for (var index = 0; index < rows.Length; index++)
        {
            var now = time[rows[index]];
            if (index > 0 && time[rows[index - 1]] < now)
            {
                earlier = index;
                var pause = now - time[rows[index - 1]];
                gap = Math.Min(LongestSeconds, pause / 1000f);
                if (pause > sessionGapMs)
                {
                    sessionStart = index;
                }

                while (dayStart < earlier && time[rows[dayStart]] <= now - ChinaTime.DayMs)
                {
                    dayStart++;
                }
            }

            var numbers = store[rows[index]];
            numbers[0] = earlier - sessionStart;
            numbers[1] = gap;
            numbers[2] = earlier - dayStart;
        }
    }

    private static (int[] Starts, int[] Rows) ByUser(InteractionLog log)
    {
        var users = log.User;
        var starts = new int[log.Users.Length + 1];
        foreach (var user in users)
        {
            starts[user + 1]++;
        }

        for (var user = 1; user < starts.Length; user++)
        {
            starts[user] += starts[user - 1];
        }

        var rows = new int[users.Length];
        var next = starts[..^1];
        for (var row = 0; row < users.Length; row++)
        {
            rows[next[users[row]]++] = row;
        }

        return (starts, rows);
    }
}

namespace Pantheon.Learning.Data;

/// <summary>
/// Every user's exposures that entered the history, by time, and for each exposure how many of them it could know: 4 bytes per exposure
/// instead of a copy of its history.
/// </summary>
internal sealed class HistoryPass
{
    private readonly int[] _users;
    private readonly int[] _starts;
    private readonly int[] _ends;

    private HistoryPass(int[] users, int[] starts, int[] ends, int[] videos, int[] positives)
    {
        _users = users;
        _starts = starts;
        _ends = ends;
        Videos = videos;
        Positives = positives;
    }

    /// <summary>Video of each entry, all users' one after another, those of a user by time.</summary>
    public int[] Videos { get; }

    /// <summary>Bit mask of objectives of each entry.</summary>
    public int[] Positives { get; }

    /// <summary>The entries that an exposure could know: first and the one after the newest.</summary>
    public (int Start, int End) Before(int row) => (_starts[_users[row]], _ends[row]);

    /// <param name="log">Exposures by time.</param>
    /// <param name="enters">Objectives of which one makes an exposure enter, as bits.</param>
    /// <param name="known">What an exposure knows of those before it.</param>
    public static HistoryPass Run(InteractionLog log, int enters, KnownBefore known)
    {
        var users = log.User;
        var time = log.Time;
        var context = log.Context;
        var starts = new int[log.Users.Length + 1];
        for (var row = 0; row < users.Length; row++)
        {
            if ((context[row].Positives & enters) != 0)
            {
                starts[users[row] + 1]++;
            }
        }

        for (var user = 1; user < starts.Length; user++)
        {
            starts[user] += starts[user - 1];
        }

        var videos = new int[starts[^1]];
        var positives = new int[starts[^1]];
        var ends = new int[users.Length];
        var next = starts[..^1];
        var seen = 0;
        for (var row = 0; row < users.Length; row++)
        {
            var horizon = known.Of(time[row]);
            for (; seen < time.Length && time[seen] < horizon; seen++)
            {
                if ((context[seen].Positives & enters) != 0)
                {
                    var entry = next[users[seen]]++;
                    videos[entry] = log.Video[seen];
                    positives[entry] = context[seen].Positives;
                }
            }

            ends[row] = next[users[row]];
        }

        return new HistoryPass(users, starts, ends, videos, positives);
    }
}

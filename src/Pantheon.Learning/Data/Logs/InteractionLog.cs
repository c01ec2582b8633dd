using System.Security.Cryptography;
using System.Text;

namespace Pantheon.Learning.Data;

/// <summary>
/// Exposures in the order of their time; those with one time_ms in the order of files (by name) and lines. Columns are arrays; users and
/// videos are numbered in the order of their first exposure. Immutable. About 32 + M bytes per exposure.
/// </summary>
public sealed class InteractionLog
{
    /// <summary>The tab of an exposure that names none.</summary>
    public const int NoTab = -1;

    private InteractionLog(IReadOnlyList<string> objectives, int count)
    {
        Objectives = objectives;
        Count = count;
        User = new int[count];
        Video = new int[count];
        Time = new long[count];
        Context = new LogContext[count];
        LabelColumns = new byte[objectives.Count][];
    }

    public int Count { get; }

    /// <summary>Names, in order.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>Raw id of each user, by index.</summary>
    public IReadOnlyList<long> UserIds => Users;

    /// <summary>Raw id of each video, by index.</summary>
    public IReadOnlyList<long> VideoIds => Videos;

    /// <summary>Index of each exposure's user.</summary>
    public ReadOnlySpan<int> UserIndex => User;

    /// <summary>Index of each exposure's video.</summary>
    public ReadOnlySpan<int> VideoIndex => Video;

    /// <summary>Milliseconds since 1970 UTC, ascending.</summary>
    public ReadOnlySpan<long> TimeMs => Time;

    /// <summary>Files, bad rows and digest of the log.</summary>
    public LoadReport Report { get; private set; } = null!;

    internal int[] User { get; }

    internal int[] Video { get; }

    internal long[] Time { get; }

    internal LogContext[] Context { get; }

    internal byte[][] LabelColumns { get; }

    internal long[] Users { get; private set; } = [];

    internal long[] Videos { get; private set; } = [];

    internal IdIndex UserNumbers { get; private set; } = null!;

    internal IdIndex VideoNumbers { get; private set; } = null!;

    /// <summary>Whether objective m came of each exposure: 0 or 1.</summary>
    public ReadOnlySpan<byte> Labels(int objective) => LabelColumns[objective];

    /// <summary>Hour of the day in China, 0 to 23: hourmin's, or the time's where that is missing.</summary>
    public int HourOf(int row) => Context[row].Hour;

    /// <summary>The tab, or <see cref="NoTab"/>.</summary>
    public int TabOf(int row) => Context[row].Tab;

    /// <summary>Whether the exposure was drawn at random instead of ranked.</summary>
    public bool IsRandom(int row) => Context[row].IsRandom;

    /// <summary>Milliseconds; 0 if unknown.</summary>
    public int DurationMsOf(int row) => Context[row].DurationMs;

    /// <summary>Whether the log says how long videos were played.</summary>
    public bool HasPlayTime { get; private set; }

    /// <summary>Milliseconds that the video was played, an outcome; 0 if unknown.</summary>
    public int PlayTimeMsOf(int row) => Context[row].PlayTimeMs;

    /// <summary>Reads the log.</summary>
    /// <exception cref="DataException">A file or column is missing or unreadable, or too many rows are bad.</exception>
    public static InteractionLog Load(LogFolder folder, DatasetOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        List<TableFile> files = [];
        try
        {
            foreach (var path in folder.Logs)
            {
                files.Add(TableFile.Open(path));
            }

            var objectives = options.Features.Objectives ?? LogPlan.ObjectivesOf(files[0].Header);
            foreach (var objective in objectives)
            {
                if (KuaiRandColumns.NeverObjectives.Contains(objective))
                {
                    throw new DataException($"objective {objective} came, expected a column of outcomes that are 0 or 1");
                }
            }

            var plans = files.ToDictionary(file => file, file => new LogPlan(file.Header, objectives, options));
            var (blocks, reports, bad) = TableReader<LogBlock>.Read(files, file => new LogBlock(plans[file]), options, cancellation);
            var log = Join(blocks, objectives, new LoadReport(reports, bad, DigestOf(reports)));
            log.HasPlayTime = plans.Values.All(plan => plan.PlayTime >= 0);
            return log;
        }
        finally
        {
            files.ForEach(file => file.Dispose());
        }
    }

    /// <summary>One digest for several files: SHA-256 of a line <c>name TAB size TAB sha256</c> for each.</summary>
    internal static string DigestOf(IEnumerable<FileReport> files)
    {
        var lines = new StringBuilder();
        foreach (var file in files)
        {
            lines.Append(file.Name).Append('\t').Append(file.Bytes).Append('\t').Append(file.Sha256).Append('\n');
        }

        return Convert.ToHexStringLower(SHA256.HashData(Encoding.UTF8.GetBytes(lines.ToString())));
    }

    private static InteractionLog Join(List<LogBlock> blocks, IReadOnlyList<string> objectives, LoadReport report)
    {
        var total = blocks.Sum(block => (long)block.Count);
        if (total > Array.MaxLength)
        {
            throw new DataException(
                $"the log has {total} exposures, expected at most {Array.MaxLength}; "
                + $"keep some of the users (features.keep_user_one_in)");
        }

        var count = (int)total;
        if (count == 0)
        {
            var names = string.Join(", ", report.Files.Select(file => file.Name));
            throw new DataException($"{names}: no exposures left of {report.Files.Sum(file => file.Rows)} rows; expected at least one");
        }

        var log = new InteractionLog(objectives, count) { Report = report };
        var users = new long[count];
        var videos = new long[count];
        var start = 0;
        foreach (var block in blocks)
        {
            block.User.AsSpan(0, block.Count).CopyTo(users.AsSpan(start));
            block.Video.AsSpan(0, block.Count).CopyTo(videos.AsSpan(start));
            block.Time.AsSpan(0, block.Count).CopyTo(log.Time.AsSpan(start));
            block.Context.AsSpan(0, block.Count).CopyTo(log.Context.AsSpan(start));
            start += block.Count;
        }

        SortByTime(log.Time, users, videos, log.Context);
        Parallel.Invoke(
            () => (log.UserNumbers, log.Users) = Number(users, log.User),
            () => (log.VideoNumbers, log.Videos) = Number(videos, log.Video),
            () => log.UnpackLabels());
        return log;
    }

    private static void SortByTime(long[] time, long[] users, long[] videos, LogContext[] context)
    {
        var sorted = true;
        for (var row = 1; row < time.Length && sorted; row++)
        {
            sorted = time[row] >= time[row - 1];
        }

        if (sorted)
        {
            return;
        }

        var order = new int[time.Length];
        for (var row = 0; row < order.Length; row++)
        {
            order[row] = row;
        }

        Array.Sort(time, order);
        // The sort is not stable: put the rows of each time back into the order of files and lines.
        for (var first = 0; first < time.Length;)
        {
            var end = first + 1;
            while (end < time.Length && time[end] == time[first])
            {
                end++;
            }

            order.AsSpan(first, end - first).Sort();
            first = end;
        }

        Reorder(users, order);
        Reorder(videos, order);
        Reorder(context, order);
    }

    private static void Reorder<T>(T[] column, int[] order)
    {
        var before = (T[])column.Clone();
        for (var row = 0; row < order.Length; row++)
        {
            column[row] = before[order[row]];
        }
    }

    private static (IdIndex Numbers, long[] Ids) Number(long[] raw, int[] numbers)
    {
        var index = new IdIndex();
        var ids = new List<long>();
        for (var row = 0; row < raw.Length; row++)
        {
            var number = index.GetOrAdd(raw[row]);
            if (number == ids.Count)
            {
                ids.Add(raw[row]);
            }

            numbers[row] = number;
        }

        return (index, ids.ToArray());
    }

    private void UnpackLabels()
    {
        for (var objective = 0; objective < LabelColumns.Length; objective++)
        {
            var labels = new byte[Count];
            for (var row = 0; row < labels.Length; row++)
            {
                labels[row] = (byte)((Context[row].Positives >> objective) & 1);
            }

            LabelColumns[objective] = labels;
        }
    }
}

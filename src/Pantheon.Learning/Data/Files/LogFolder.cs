namespace Pantheon.Learning.Data;

/// <summary>
/// The files of a log, found by KuaiRand's names: <c>log_*.csv</c> (standard and random exposures, in any number of parts),
/// <c>user_features*.csv</c>, <c>video_features_basic*.csv</c>, each also as <c>.csv.gz</c>. In a folder without a <c>log_*</c> every
/// .csv or .tsv whose header has user_id, video_id and time_ms is a log. <c>video_features_statistic*</c> is passed over: it sums up
/// outcomes of the whole period, those of the test days included.
/// </summary>
public sealed class LogFolder
{
    private static readonly string[] s_endings = [".csv", ".csv.gz", ".tsv", ".tsv.gz"];

    private LogFolder(string path, List<string> logs, List<string> users, List<string> videos)
    {
        Path = path;
        Logs = logs;
        Users = users;
        Videos = videos;
        Header = HeaderOf(logs[0]);
    }

    /// <summary>As given.</summary>
    public string Path { get; }

    /// <summary>Full paths of the parts of the log, by name; at least one.</summary>
    public IReadOnlyList<string> Logs { get; }

    /// <summary>Full paths of the user table; may be empty.</summary>
    public IReadOnlyList<string> Users { get; }

    /// <summary>Full paths of the video table; may be empty.</summary>
    public IReadOnlyList<string> Videos { get; }

    /// <summary>
    /// <see cref="DatasetOptions.KuaiRandExtract"/> where the log has the extract's <c>label</c> column, else the defaults.
    /// </summary>
    public DatasetOptions DefaultOptions => Header.Has("label") ? DatasetOptions.KuaiRandExtract : new DatasetOptions();

    private TableHeader Header { get; }

    /// <summary>Whether an objective can be read off the log: a column of outcomes, or what <c>finish</c> is derived from.</summary>
    public bool HasObjective(string name) => !KuaiRandColumns.NeverObjectives.Contains(name) && (Header.Has(name)
        || (name == KuaiRandColumns.Finish && Header.Has(KuaiRandColumns.DurationMs) && Header.Has(KuaiRandColumns.PlayTimeMs)));

    /// <summary>Looks what is there and reads the first header; not the rows.</summary>
    /// <param name="path">A folder, or one file that is the log.</param>
    /// <exception cref="DataException">There is no log, or a file is there twice.</exception>
    public static LogFolder Open(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        if (File.Exists(path))
        {
            return new LogFolder(path, [System.IO.Path.GetFullPath(path)], [], []);
        }

        if (!Directory.Exists(path))
        {
            throw new DataException($"{path}: no such folder; expected one with log_*.csv or log_*.csv.gz");
        }

        List<string> tables = [];
        foreach (var file in Directory.EnumerateFiles(path))
        {
            if (s_endings.Any(ending => file.EndsWith(ending, StringComparison.OrdinalIgnoreCase)))
            {
                tables.Add(System.IO.Path.GetFullPath(file));
            }
        }

        // The order of a file system is not the same everywhere, and the order of rows with one time depends on it.
        tables.Sort(StringComparer.Ordinal);
        var logs = Named(tables, "log_");
        if (logs.Count == 0)
        {
            logs = tables.FindAll(IsLog);
        }

        return logs.Count > 0
            ? new LogFolder(path, logs, Named(tables, "user_features"), Named(tables, "video_features_basic"))
            : throw new DataException(
                $"{path}: no log among {tables.Count} tables; expected log_*.csv or log_*.csv.gz, "
                + "or a table with the columns user_id, video_id and time_ms");
    }

    private static List<string> Named(List<string> tables, string prefix)
    {
        var found = tables.FindAll(table => System.IO.Path.GetFileName(table).StartsWith(prefix, StringComparison.Ordinal));
        foreach (var table in found)
        {
            if (found.Contains(table + ".gz"))
            {
                throw new DataException(
                    $"{System.IO.Path.GetFileName(table)}: also there as .gz; expected one of the two, or rows count twice");
            }
        }

        return found;
    }

    private static bool IsLog(string path)
    {
        var name = System.IO.Path.GetFileName(path);
        if (name.StartsWith("user_features", StringComparison.Ordinal) || name.StartsWith("video_features", StringComparison.Ordinal))
        {
            return false;
        }

        using var file = TableFile.Open(path);
        return file.Header.Has(KuaiRandColumns.UserId)
            && file.Header.Has(KuaiRandColumns.VideoId)
            && file.Header.Has(KuaiRandColumns.TimeMs);
    }

    private static TableHeader HeaderOf(string path)
    {
        using var file = TableFile.Open(path);
        return file.Header;
    }
}

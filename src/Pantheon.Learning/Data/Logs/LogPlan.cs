namespace Pantheon.Learning.Data;

/// <summary>Where the columns of one log file are; -1 where it has none.</summary>
internal sealed class LogPlan
{
    public LogPlan(TableHeader header, IReadOnlyList<string> objectives, DatasetOptions options)
    {
        User = header.Require(KuaiRandColumns.UserId);
        Video = header.Require(KuaiRandColumns.VideoId);
        Time = header.Require(KuaiRandColumns.TimeMs);
        HourMinute = header.Find(KuaiRandColumns.HourMinute);
        Tab = header.Find(KuaiRandColumns.Tab);
        IsRandom = header.Find(KuaiRandColumns.IsRandom);
        Duration = header.Find(KuaiRandColumns.DurationMs);
        PlayTime = header.Find(KuaiRandColumns.PlayTimeMs);
        Labels = new int[objectives.Count];
        for (var index = 0; index < Labels.Length; index++)
        {
            if (objectives[index] == KuaiRandColumns.Finish && !header.Has(KuaiRandColumns.Finish))
            {
                Duration = header.Require(KuaiRandColumns.DurationMs);
                PlayTime = header.Require(KuaiRandColumns.PlayTimeMs);
                Labels[index] = -1;
            }
            else
            {
                Labels[index] = header.Require(objectives[index]);
            }
        }

        Filter = options.KeepWhere is { } filter ? header.Require(filter.Column) : -1;
        FilterValue = options.KeepWhere?.Value ?? 0;
        KeepUserOneIn = (ulong)options.Features.KeepUserOneIn;
        Names = objectives;
    }

    public int User { get; }

    public int Video { get; }

    public int Time { get; }

    public int HourMinute { get; }

    public int Tab { get; }

    public int IsRandom { get; }

    public int Duration { get; }

    /// <summary>Never an input: finish is derived from it, and metrics weigh by it.</summary>
    public int PlayTime { get; }

    /// <summary>Column of each objective; -1 for finish.</summary>
    public int[] Labels { get; }

    public IReadOnlyList<string> Names { get; }

    public int Filter { get; }

    public long FilterValue { get; }

    public ulong KeepUserOneIn { get; }

    /// <summary>The objectives of a log for which none were asked.</summary>
    public static IReadOnlyList<string> ObjectivesOf(TableHeader header)
    {
        var found = KuaiRandColumns.Objectives.Where(header.Has).ToArray();
        return found.Length > 0
            ? found
            : throw new DataException(
                $"{header.File}: no objective; expected some of the columns {string.Join(", ", KuaiRandColumns.Objectives)}");
    }
}

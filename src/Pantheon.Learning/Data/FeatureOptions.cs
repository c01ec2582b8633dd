namespace Pantheon.Learning.Data;

/// <summary>Which features a dataset has, and what counts as known.</summary>
public sealed record FeatureOptions
{
    /// <summary>
    /// Columns of the log that are 0 or 1, in the order of the model's objectives; also <c>finish</c>, which is
    /// play_time_ms >= duration_ms > 0. Null: those of <see cref="KuaiRandColumns.Objectives"/> that the log has. At most 16.
    /// </summary>
    public IReadOnlyList<string>? Objectives { get; init; }

    /// <summary>Places of a history, at least 1. 20 covers about a day of an active user's positive feedback.</summary>
    public int HistoryLength { get; init; } = 20;

    /// <summary>
    /// An exposure enters its user's history if one of these came of it. Null: those of
    /// <see cref="KuaiRandColumns.HistoryObjectives"/> among the objectives, or is_click, or, without that too, all objectives.
    /// </summary>
    public IReadOnlyList<string>? HistoryObjectives { get; init; }

    /// <summary>
    /// Exposures of the training period that an id must have to get a row of its own; all rarer ids share row 0. 2: a row that is
    /// trained once is noise, and with 1 no training example would ever use row 0, which serving then meets untrained.
    /// </summary>
    public int MinCount { get; init; } = 2;

    /// <summary>Other minima by table, such as <c>user_id</c> to 5.</summary>
    public IReadOnlyDictionary<string, int> MinCounts { get; init; } = new Dictionary<string, int>();

    /// <summary>Columns of the user table that become features. Empty: none.</summary>
    public IReadOnlyList<string> ProfileColumns { get; init; } = KuaiRandColumns.Profile;

    /// <summary>
    /// When counters and histories are brought up to date. Daily: a metric that compares a user's exposures over days (GAUC) must not
    /// compare them by counters that already hold the outcomes of some. With <see cref="CounterRefresh.AtOnce"/> the exposure that brought
    /// a follow has one follow less in its features than those after it, and a model that is trained to sort within users learns just
    /// that; among the candidates of one request, which share the user's counters, it is worth nothing.
    /// </summary>
    public CounterRefresh CounterRefresh { get; init; } = CounterRefresh.Daily;

    /// <summary>
    /// How long it takes until counters and histories know of an exposure and its outcomes. 0: they know before the next millisecond.
    /// A gateway that learns of outcomes after a minute has staler ones than a model trained with 0 expects.
    /// </summary>
    public TimeSpan FeedbackDelay { get; init; } = TimeSpan.Zero;

    /// <summary>A longer pause between two exposures of a user begins a new session. 30 minutes, as web analytics has it.</summary>
    public TimeSpan SessionGap { get; init; } = TimeSpan.FromMinutes(30);

    internal int MinCountOf(string table) => MinCounts.TryGetValue(table, out var count) ? count : MinCount;

    /// <summary>
    /// Keeps all exposures of one user in this many, chosen by a hash of the user's id. 1: all. For logs that do not fit into memory
    /// (KuaiRand-27K has 322 million rows): counts over all users are then over those kept.
    /// </summary>
    public int KeepUserOneIn { get; init; } = 1;

    internal void Validate()
    {
        const int Most = KuaiRandColumns.MaxObjectives;
        DatasetOptions.Require(
            Objectives is null or { Count: > 0 and <= Most }, nameof(Objectives), $"{Objectives?.Count} names", $"1 to {Most}");
        DatasetOptions.Require(HistoryLength is > 0 and <= 10_000, nameof(HistoryLength), HistoryLength, "1 to 10,000 places");
        DatasetOptions.Require(KeepUserOneIn >= 1, nameof(KeepUserOneIn), KeepUserOneIn, "1 or more");
        DatasetOptions.Require(MinCount >= 1, nameof(MinCount), MinCount, "1 or more");
        DatasetOptions.Require(FeedbackDelay >= TimeSpan.Zero, nameof(FeedbackDelay), FeedbackDelay, "no negative time");
        DatasetOptions.Require(SessionGap > TimeSpan.Zero, nameof(SessionGap), SessionGap, "a positive time");
        foreach (var (table, count) in MinCounts)
        {
            DatasetOptions.Require(count >= 1, $"{nameof(MinCounts)}[{table}]", count, "1 or more");
        }

        RequireDistinct(nameof(Objectives), Objectives);
        RequireDistinct(nameof(ProfileColumns), ProfileColumns);
        foreach (var column in ProfileColumns)
        {
            DatasetOptions.Require(
                KuaiRandColumns.Profile.Contains(column),
                nameof(ProfileColumns),
                column,
                $"some of {string.Join(", ", KuaiRandColumns.Profile)}");
        }
    }

    private static void RequireDistinct(string option, IReadOnlyList<string>? names)
    {
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var name in names ?? [])
        {
            DatasetOptions.Require(seen.Add(name), option, $"'{name}' twice", "each name once");
        }
    }
}

/// <summary>When counters and histories are brought up to date.</summary>
public enum CounterRefresh
{
    /// <summary>
    /// At midnight in China; in the days to validate, and in those to test, only at the first of them, so that nothing that is judged
    /// there has a part in what it is judged by.
    /// </summary>
    Daily,

    /// <summary>With each exposure, as a stream would: for a gateway that counts at once, and for prequential evaluation.</summary>
    AtOnce,
}

using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>
/// The features of an exposure, out of what was known before it: ids of the log and the tables, and counters and histories over the
/// exposures with an earlier time_ms.
/// </summary>
/// <remarks>
/// <para>User side: user_id; the profile columns; tab; hour (China, 0 to 23, row hour + 1); user_counts; user_recency (exposures so far
/// in the session, seconds since the exposure before, exposures in the last 24 hours); recent_video_id, recent_author_id, recent_tag and
/// recent_feedback (1 + the bit mask of the objectives that came of it, objective 0 being bit 0).</para>
/// <para>Candidate side: video_id, author_id, tag, video_type, upload_type; video_shape (seconds, age in days); video_counts and
/// author_counts over all users; user_author_counts, user_tag_counts and user_video_counts of this user with the candidate's.</para>
/// <para>A feature is left out where its column is not there, or no id of it is frequent enough in the training period to have a row.
/// Counters are up to date here at once, or after <see cref="FeatureOptions.FeedbackDelay"/>; a gateway that learns of outcomes late has
/// staler ones.</para>
/// </remarks>
internal sealed class KuaiRandFeatures
{
    private readonly InteractionLog _log;
    private readonly FeatureOptions _options;
    private readonly RowRange _train;
    private readonly List<Func<FeatureSource>> _makers = [];
    private readonly Dictionary<string, IdVocabulary> _vocabularies = new(StringComparer.Ordinal);
    private readonly KnownBefore _known;

    private KuaiRandFeatures(InteractionLog log, RowRange train, KnownBefore known, FeatureOptions options)
    {
        _log = log;
        _train = train;
        _options = options;
        _known = known;
    }

    /// <param name="log">Exposures.</param>
    /// <param name="users">User table; null if there is none.</param>
    /// <param name="videos">Video table; null if there is none.</param>
    /// <param name="train">The exposures that vocabularies come from.</param>
    /// <param name="split">The periods.</param>
    /// <param name="options">Which features.</param>
    /// <param name="threads">Threads that count.</param>
    public static (FeatureSchema Schema, FeatureSource[] Sources, IReadOnlyDictionary<string, IdVocabulary> Vocabularies) Build(
        InteractionLog log, EntityTable? users, EntityTable? videos, RowRange train, TimeSplit split, FeatureOptions options, int threads) =>
        new KuaiRandFeatures(log, train, new KnownBefore(options, split), options).Build(users, videos, threads);

    private (FeatureSchema Schema, FeatureSource[] Sources, IReadOnlyDictionary<string, IdVocabulary> Vocabularies) Build(
        EntityTable? users, EntityTable? videos, int threads)
    {
        var video = Learn(KuaiRandColumns.VideoId, _log.Videos, _log.Video);
        var author = videos is null ? null : Learn(KuaiRandColumns.AuthorId, videos.Integers(KuaiRandColumns.AuthorId), _log.Video);
        var tag = videos is null ? null : Learn(KuaiRandColumns.Tag, videos.Integers(KuaiRandColumns.Tag), _log.Video);

        AddUser(users);
        AddHistories(video, author, tag);
        AddCandidate(video, author, tag, videos);
        AddCounts(videos);

        // Each maker runs on its own; the schema's order is that of the list.
        var sources = new FeatureSource[_makers.Count];
        var parallel = new ParallelOptions { MaxDegreeOfParallelism = threads };
        Parallel.For(0, sources.Length, parallel, index => sources[index] = _makers[index]());
        var features = sources.Select(source => source.Feature).ToArray();
        var tables = _vocabularies.ToDictionary(entry => entry.Key, entry => entry.Value.Rows, StringComparer.Ordinal);
        return (new FeatureSchema(_log.Objectives, tables, features), sources, _vocabularies);
    }

    private void AddUser(EntityTable? users)
    {
        AddId(Learn(KuaiRandColumns.UserId, _log.Users, _log.User), FeatureSide.User, _log.User);
        if (users is not null)
        {
            foreach (var column in _options.ProfileColumns)
            {
                var ids = KuaiRandColumns.IsText(column)
                    ? Learn(column, users.Texts(column), _log.User)
                    : Learn(column, users.Integers(column), _log.User);
                AddId(ids, FeatureSide.User, _log.User);
            }
        }

        var (tabs, tabOf) = Tabs();
        AddId(Learn(KuaiRandColumns.Tab, tabs, tabOf), FeatureSide.User, tabOf);

        var hours = new long[24];
        var hourOf = new int[_log.Count];
        for (var hour = 0; hour < hours.Length; hour++)
        {
            hours[hour] = hour;
        }

        for (var row = 0; row < hourOf.Length; row++)
        {
            hourOf[row] = _log.Context[row].Hour;
        }

        AddId(IdColumn.Fixed(new IdVocabulary("hour", hours), hours), FeatureSide.User, hourOf);
        var feature = new CountFeature("user_counts", FeatureSide.User);
        _makers.Add(() => new StoredSource(feature, CounterPass.Run(_log, _log.User, _log.Users.Length, _known)));
        var recency = new DenseFeature("user_recency", FeatureSide.User, RecencyPass.Width, DenseTransform.Log1p);
        _makers.Add(() => new StoredSource(recency, RecencyPass.Run(_log, (long)_options.SessionGap.TotalMilliseconds)));
    }

    private void AddHistories(IdColumn video, IdColumn? author, IdColumn? tag)
    {
        var history = HistoryPass.Run(_log, HistoryMask(), _known);
        AddHistory("recent_video_id", video, history.Videos, history, EntityTable.Missing);
        AddHistory("recent_author_id", author, history.Videos, history, EntityTable.Missing);
        AddHistory("recent_tag", tag, history.Videos, history, EntityTable.Missing);

        // By entity: the mask of positives. The raw id is 1 + the mask, and so is the row, whether the log shows that mask or not.
        var raw = new long[1 << _log.Objectives.Count];
        for (var mask = 0; mask < raw.Length; mask++)
        {
            raw[mask] = 1 + mask;
        }

        AddHistory("recent_feedback", IdColumn.Fixed(new IdVocabulary("feedback", raw), raw), history.Positives, history, 0);
    }

    private void AddCandidate(IdColumn video, IdColumn? author, IdColumn? tag, EntityTable? videos)
    {
        AddId(video, FeatureSide.Candidate, _log.Video);
        AddId(author, FeatureSide.Candidate, _log.Video);
        AddId(tag, FeatureSide.Candidate, _log.Video);
        if (videos is not null)
        {
            string[] texts = [KuaiRandColumns.VideoType, KuaiRandColumns.UploadType];
            foreach (var column in texts)
            {
                AddId(Learn(column, videos.Texts(column), _log.Video), FeatureSide.Candidate, _log.Video);
            }
        }

        var feature = new DenseFeature("video_shape", FeatureSide.Candidate, VideoShapeSource.Width, DenseTransform.Log1p);
        _makers.Add(() =>
        {
            var unknown = new long[_log.Videos.Length];
            Array.Fill(unknown, EntityTable.Missing);
            var uploads = videos?.Integers(KuaiRandColumns.UploadDate) ?? unknown;
            return new VideoShapeSource(feature, _log, Seconds(videos?.Integers(KuaiRandColumns.VideoDuration) ?? unknown), uploads);
        });
    }

    private void AddCounts(EntityTable? videos)
    {
        AddCounts("video_counts", () => (_log.Video, _log.Videos.Length));
        if (videos is not null)
        {
            AddCounts("author_counts", () => OfVideo(videos.Integers(KuaiRandColumns.AuthorId)));
            AddCounts("user_author_counts", () => PairKeys.Of(_log.User, OfVideo(videos.Integers(KuaiRandColumns.AuthorId)).Keys));
            AddCounts("user_tag_counts", () => PairKeys.Of(_log.User, OfVideo(videos.Integers(KuaiRandColumns.Tag)).Keys));
        }

        AddCounts("user_video_counts", () => PairKeys.Of(_log.User, _log.Video));
    }

    private void AddCounts(string name, Func<(int[] Keys, int Count)> keys)
    {
        var feature = new CountFeature(name, FeatureSide.Candidate);
        _makers.Add(() =>
        {
            var (of, count) = keys();
            return new StoredSource(feature, CounterPass.Run(_log, of, count, _known));
        });
    }

    private void AddId(IdColumn? column, FeatureSide side, int[] entityOf)
    {
        if (column is { Vocabulary.Rows: > 1 })
        {
            var table = column.Vocabulary.Table;
            _vocabularies[table] = column.Vocabulary;
            _makers.Add(() => new EntityIdSource(new IdFeature(table, side, table), column, entityOf));
        }
    }

    private void AddHistory(string name, IdColumn? column, int[] entityOf, HistoryPass history, long padding)
    {
        if (column is { Vocabulary.Rows: > 1 })
        {
            _vocabularies[column.Vocabulary.Table] = column.Vocabulary;
            var feature = new HistoryFeature(name, column.Vocabulary.Table, _options.HistoryLength);
            _makers.Add(() => new HistorySource(feature, column, entityOf, history, padding));
        }
    }

    private IdColumn Learn(string table, long[] raw, int[] entityOf) =>
        IdColumn.Learn(table, raw, entityOf, _train, _options.MinCountOf(table));

    private IdColumn Learn(string table, string[] raw, int[] entityOf) =>
        IdColumn.Learn(table, raw, entityOf, _train, _options.MinCountOf(table));

    private int HistoryMask()
    {
        var objectives = _log.Objectives;
        if (_options.HistoryObjectives is { } asked)
        {
            var unknown = asked.FirstOrDefault(name => !objectives.Contains(name));
            DatasetOptions.Require(
                unknown is null && asked.Count > 0,
                nameof(FeatureOptions.HistoryObjectives),
                unknown ?? "none",
                $"some of {string.Join(", ", objectives)}");
            return MaskOf(asked);
        }

        var mask = MaskOf(KuaiRandColumns.HistoryObjectives);
        mask = mask != 0 ? mask : MaskOf(["is_click"]);
        return mask != 0 ? mask : (1 << objectives.Count) - 1;
    }

    private int MaskOf(IReadOnlyList<string> names)
    {
        var mask = 0;
        for (var index = 0; index < _log.Objectives.Count; index++)
        {
            mask |= names.Contains(_log.Objectives[index]) ? 1 << index : 0;
        }

        return mask;
    }

    private (long[] Tabs, int[] TabOf) Tabs()
    {
        var index = new IdIndex(16);
        var tabs = new List<long>();
        var tabOf = new int[_log.Count];
        for (var row = 0; row < tabOf.Length; row++)
        {
            tabOf[row] = index.GetOrAdd(_log.Context[row].Tab);
            if (tabOf[row] == tabs.Count)
            {
                tabs.Add(_log.Context[row].Tab);
            }
        }

        return ([.. tabs], tabOf);
    }

    /// <summary>Numbers something about videos, and gives each exposure its video's number, or -1.</summary>
    private (int[] Keys, int Count) OfVideo(long[] raw)
    {
        var index = new IdIndex(raw.Length);
        var numbers = new int[raw.Length];
        for (var video = 0; video < raw.Length; video++)
        {
            numbers[video] = raw[video] == EntityTable.Missing ? -1 : index.GetOrAdd(raw[video]);
        }

        var keys = new int[_log.Count];
        for (var row = 0; row < keys.Length; row++)
        {
            keys[row] = numbers[_log.Video[row]];
        }

        return (keys, index.Count);
    }

    /// <summary>
    /// The table's length of each video, or, where it has none, that of its first exposure: known at every one.
    /// </summary>
    private float[] Seconds(long[] tableMs)
    {
        var seconds = new float[tableMs.Length];
        var met = new bool[tableMs.Length];
        for (var row = 0; row < _log.Count; row++)
        {
            var video = _log.Video[row];
            if (!met[video])
            {
                met[video] = true;
                seconds[video] = (tableMs[video] > 0 ? tableMs[video] : _log.Context[row].DurationMs) / 1000f;
            }
        }

        return seconds;
    }
}

using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>
/// Exposures in the order of time with their features, labels and periods. Immutable; every member may be used concurrently.
/// </summary>
/// <remarks>
/// Features hold what was known before an exposure: counters and histories see earlier ones as <see cref="FeatureOptions.CounterRefresh"/>
/// and <see cref="FeatureOptions.FeedbackDelay"/> say. A gateway that learns of outcomes later has staler ones than the model was trained with.
/// User and video tables are one state for the whole log, as KuaiRand publishes them.
/// Memory per exposure: 32 + M bytes of columns, 8 of tab and hour, 16 of recency and history, 8 if it enters a history, and 4 (1 + M)
/// for each feature of counts: some 260 bytes with KuaiRand's seven objectives and all features. Ids are kept once per user and video.
/// </remarks>
public sealed class Dataset : IExamples
{
    private readonly FeatureSource[] _sources;

    private Dataset(
        InteractionLog log,
        TimeSplit split,
        FeatureSchema schema,
        FeatureSource[] sources,
        IReadOnlyDictionary<string, IdVocabulary> vocabularies,
        LoadReport report)
    {
        _sources = sources;
        Log = log;
        Split = split;
        Schema = schema;
        Vocabularies = vocabularies;
        Report = report;
        Train = Rows(split.TrainFromMs, split.ValidateFromMs);
        Validate = Rows(split.ValidateFromMs, split.TestFromMs);
        Test = Rows(split.TestFromMs, split.EndMs);
    }

    internal IReadOnlyList<FeatureSource> Sources => _sources;

    /// <summary>The exposures themselves.</summary>
    public InteractionLog Log { get; }

    /// <summary>What the features are; the order of <see cref="FeatureBatch"/>.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Table to vocabulary, for every table of the schema.</summary>
    public IReadOnlyDictionary<string, IdVocabulary> Vocabularies { get; }

    /// <summary>Files of log and tables, bad rows, and the digest of all.</summary>
    public LoadReport Report { get; }

    public TimeSplit Split { get; }

    public RowRange Train { get; }

    /// <summary>May be empty.</summary>
    public RowRange Validate { get; }

    public RowRange Test { get; }

    /// <summary>Exposures.</summary>
    public int Count => Log.Count;

    /// <summary>Users with an exposure.</summary>
    public int UserCount => Log.Users.Length;

    /// <summary>The user of each exposure, 0 to <see cref="UserCount"/> - 1.</summary>
    public ReadOnlySpan<int> UserIndex => Log.User;

    /// <summary>Milliseconds since 1970 UTC, ascending.</summary>
    public ReadOnlySpan<long> TimeMs => Log.Time;

    /// <summary>Whether objective m came of each exposure: 0 or 1.</summary>
    public ReadOnlySpan<byte> Labels(int objective) => Log.Labels(objective);

    /// <summary>Whether the exposure was drawn at random instead of ranked.</summary>
    public bool IsRandom(int row) => Log.IsRandom(row);

    /// <summary>Raw id.</summary>
    public long UserId(int row) => Log.Users[Log.User[row]];

    /// <summary>Raw id.</summary>
    public long VideoId(int row) => Log.Videos[Log.Video[row]];

    /// <summary>Reads a folder with the options that fit it, and builds the features.</summary>
    /// <param name="path">See <see cref="LogFolder.Open"/>.</param>
    /// <param name="options">Null: <see cref="LogFolder.DefaultOptions"/>.</param>
    /// <param name="cancellation">Stops between two blocks of a file.</param>
    /// <exception cref="DataException">A file, a column or an option is missing or wrong, or too many rows are bad.</exception>
    public static Dataset Load(string path, DatasetOptions? options = null, CancellationToken cancellation = default) =>
        Load(LogFolder.Open(path), options, cancellation);

    /// <inheritdoc cref="Load(string, DatasetOptions?, CancellationToken)"/>
    public static Dataset Load(LogFolder folder, DatasetOptions? options = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(folder);
        options ??= folder.DefaultOptions;
        return Build(InteractionLog.Load(folder, options, cancellation), folder, options, cancellation);
    }

    /// <summary>Builds features for a log that was read before.</summary>
    /// <param name="log">Read with the same filter, objectives and users kept.</param>
    /// <param name="folder">Where its user and video tables are, if any.</param>
    /// <param name="options">Features and split.</param>
    /// <param name="cancellation">Stops between two blocks of a file.</param>
    /// <exception cref="DataException">A file, a column or an option is missing or wrong, or too many rows are bad.</exception>
    public static Dataset Build(InteractionLog log, LogFolder folder, DatasetOptions options, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(log);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(options);
        options.Validate();
        List<FileReport> files = [.. log.Report.Files];
        List<BadRow> bad = [.. log.Report.BadRows];
        var users = Table(
            folder.Users,
            KuaiRandColumns.UserId,
            [.. options.Features.ProfileColumns.Select(name => (name, KuaiRandColumns.IsText(name) ? CellKind.Text : CellKind.Integer))],
            log.UserNumbers);
        var videos = Table(
            folder.Videos,
            KuaiRandColumns.VideoId,
            [
                (KuaiRandColumns.AuthorId, CellKind.Integer), (KuaiRandColumns.Tag, CellKind.ListHead),
                (KuaiRandColumns.VideoType, CellKind.Text), (KuaiRandColumns.UploadType, CellKind.Text),
                (KuaiRandColumns.UploadDate, CellKind.Date), (KuaiRandColumns.VideoDuration, CellKind.Integer),
            ],
            log.VideoNumbers);

        var split = options.Split ?? DefaultSplit(log.Time);
        var train = Rows(log.Time, split.TrainFromMs, split.ValidateFromMs);
        if (train.Count == 0)
        {
            throw new DataException(
                $"the training period, {Days(split.TrainFromMs, split.ValidateFromMs - 1)}, has no exposures; "
                + $"expected a part of the log's {Days(log.Time[0], log.Time[^1])}");
        }

        var (schema, sources, vocabularies) = KuaiRandFeatures.Build(log, users, videos, train, split, options.Features, options.ThreadCount);
        return new Dataset(log, split, schema, sources, vocabularies, new LoadReport(files, bad, InteractionLog.DigestOf(files)));

        static string Days(long firstMs, long lastMs) => $"{ChinaTime.DayOf(firstMs):yyyy-MM-dd} to {ChinaTime.DayOf(lastMs):yyyy-MM-dd}";

        EntityTable? Table(IReadOnlyList<string> paths, string id, IReadOnlyList<(string Name, CellKind Kind)> columns, IdIndex numbers)
        {
            if (paths.Count == 0 || columns.Count == 0)
            {
                return null;
            }

            var (table, reports, badRows) = EntityTable.Read(paths, id, columns, numbers, options, cancellation);
            files.AddRange(reports);
            bad.AddRange(badRows);
            return table;
        }
    }

    /// <summary>The same exposures with other features, such as those of a bundle's inputs in the bundle's own rows.</summary>
    /// <param name="sources">Where their values come from.</param>
    /// <param name="features">What they are, in the same order.</param>
    /// <param name="tables">Tables whose rows are still those of this dataset's vocabularies.</param>
    internal Dataset With(FeatureSource[] sources, IReadOnlyList<Feature> features, IReadOnlyList<string> tables)
    {
        var schema = new FeatureSchema(Schema.Objectives, tables.ToDictionary(table => table, table => Schema.Tables[table], StringComparer.Ordinal), features);
        return new Dataset(Log, Split, schema, sources, tables.ToDictionary(table => table, table => Vocabularies[table], StringComparer.Ordinal), Report);
    }

    /// <summary>Exposures from one time on and before another, in milliseconds since 1970 UTC.</summary>
    public RowRange Rows(long fromMs, long toMs) => Rows(Log.Time, fromMs, toMs);

    /// <summary>Exposures of some days in <see cref="ChinaTime"/>.</summary>
    public RowRange RangeOf(DateOnly from, DateOnly toInclusive) =>
        Rows(ChinaTime.StartOf(from), ChinaTime.StartOf(toInclusive.AddDays(1)));

    /// <summary>
    /// All exposures once, in windows of one length that begin at midnight in China on the first day. Windows without exposures are left
    /// out.
    /// </summary>
    /// <param name="length">At least a millisecond.</param>
    public IEnumerable<TimeWindow> Windows(TimeSpan length) => Windows(length, new RowRange(0, Count));

    /// <summary>As <see cref="Windows(TimeSpan)"/>, of some of the exposures.</summary>
    public IEnumerable<TimeWindow> Windows(TimeSpan length, RowRange within)
    {
        var lengthMs = (long)length.TotalMilliseconds;
        ArgumentOutOfRangeException.ThrowIfLessThan(lengthMs, 1, nameof(length));
        ArgumentOutOfRangeException.ThrowIfNegative(within.Start, nameof(within));
        ArgumentOutOfRangeException.ThrowIfGreaterThan(within.End, Count, nameof(within));
        return Walk();

        IEnumerable<TimeWindow> Walk()
        {
            if (within.Count <= 0)
            {
                yield break;
            }

            var origin = ChinaTime.StartOf(ChinaTime.DayOf(Log.Time[within.Start]));
            for (var row = within.Start; row < within.End;)
            {
                var start = origin + ((Log.Time[row] - origin) / lengthMs * lengthMs);
                var end = Math.Min(Rows(start, start + lengthMs).End, within.End);
                yield return new TimeWindow(start, start + lengthMs, new RowRange(row, end));
                row = end;
            }
        }
    }

    /// <summary>Writes features and labels of exposures into the batch, from its beginning. Allocates nothing.</summary>
    /// <param name="rows">Any exposures in any order, at most the batch's capacity.</param>
    /// <param name="batch">Made with this dataset's schema.</param>
    public void Fill(ReadOnlySpan<int> rows, FeatureBatch batch)
    {
        FillSlice(rows, batch, 0);
        batch.Count = rows.Length;
    }

    /// <summary>
    /// Writes exposures into the batch from a place on, and leaves its count alone: threads may fill slices that do not overlap.
    /// </summary>
    /// <param name="rows">Any exposures in any order.</param>
    /// <param name="batch">Made with this dataset's schema.</param>
    /// <param name="at">Place in the batch of the first of them.</param>
    public void FillSlice(ReadOnlySpan<int> rows, FeatureBatch batch, int at)
    {
        ArgumentNullException.ThrowIfNull(batch);
        ArgumentOutOfRangeException.ThrowIfNegative(at);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(rows.Length, batch.Capacity - at, nameof(rows));
        if (!ReferenceEquals(batch.Schema, Schema))
        {
            throw new ArgumentException("a batch of another schema came, expected one made with this dataset's", nameof(batch));
        }

        for (var index = 0; index < _sources.Length; index++)
        {
            var width = FeatureBatch.WidthOf(Schema, index);
            if (_sources[index] is IdSource ids)
            {
                ids.Fill(rows, batch.Ids(index).AsSpan(at * width, rows.Length * width));
            }
            else
            {
                ((NumberSource)_sources[index]).Fill(rows, batch.Numbers(index).AsSpan(at * width, rows.Length * width));
            }
        }

        var objectives = Schema.Objectives.Count;
        for (var objective = 0; objective < objectives; objective++)
        {
            var labels = Log.LabelColumns[objective];
            var to = batch.Labels.AsSpan(at * objectives, rows.Length * objectives);
            for (var index = 0; index < rows.Length; index++)
            {
                to[(index * objectives) + objective] = labels[rows[index]];
            }
        }
    }

    /// <summary>The features of an exposure as a gateway would send them.</summary>
    public RawFeatures Raw(int row)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(row);
        ArgumentOutOfRangeException.ThrowIfGreaterThanOrEqual(row, Count);
        var features = new RawFeature[_sources.Length];
        for (var index = 0; index < features.Length; index++)
        {
            features[index] = _sources[index].Raw(row);
        }

        return new RawFeatures(features);
    }

    /// <summary>KuaiRand's days where each period has exposures, else the first 80 % of the time to train and the rest to test.</summary>
    private static TimeSplit DefaultSplit(long[] time)
    {
        var days = TimeSplit.KuaiRand;
        var fits = Rows(time, days.TrainFromMs, days.ValidateFromMs).Count > 0
            && Rows(time, days.ValidateFromMs, days.TestFromMs).Count > 0
            && Rows(time, days.TestFromMs, days.EndMs).Count > 0;
        return fits ? days : TimeSplit.ByShare(time[0], time[^1]);
    }

    private static RowRange Rows(long[] time, long fromMs, long toMs)
    {
        var start = FirstFrom(time, fromMs);
        return new RowRange(start, Math.Max(start, FirstFrom(time, toMs)));
    }

    /// <summary>The first exposure at a time or later.</summary>
    private static int FirstFrom(long[] time, long fromMs)
    {
        var low = 0;
        var high = time.Length;
        while (low < high)
        {
            var middle = low + ((high - low) / 2);
            if (time[middle] < fromMs)
            {
                low = middle + 1;
            }
            else
            {
                high = middle;
            }
        }

        return low;
    }
}

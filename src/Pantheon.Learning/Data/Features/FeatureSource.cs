using Pantheon.Bundles;
using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>Where the values of one feature come from. Immutable; fills may run concurrently and allocate nothing.</summary>
internal abstract class FeatureSource(Feature feature)
{
    public Feature Feature { get; } = feature;

    /// <summary>As a gateway would send it.</summary>
    public abstract RawFeature Raw(int row);
}

/// <summary>A feature of table rows.</summary>
internal abstract class IdSource(Feature feature) : FeatureSource(feature)
{
    /// <param name="rows">Exposures.</param>
    /// <param name="to">Their ids one after another, each of the feature's width.</param>
    public abstract void Fill(ReadOnlySpan<int> rows, Span<long> to);

    /// <summary>What its raw ids are.</summary>
    public abstract VocabularyKind Kind { get; }

    /// <summary>The lowest and the highest row that it may fill in.</summary>
    public abstract (int Lowest, int Highest) Bounds { get; }

    /// <summary>The same raw ids in the rows that a bundle gives them.</summary>
    /// <param name="vocabulary">Of the same kind; null: an integer is its own row.</param>
    /// <param name="width">Places of a history; any other feature has one.</param>
    public abstract IdSource In(Vocabulary? vocabulary, int width);

    protected static (int Lowest, int Highest) BoundsOf(ReadOnlySpan<int> rows)
    {
        var (lowest, highest) = (int.MaxValue, int.MinValue);
        foreach (var row in rows)
        {
            lowest = Math.Min(lowest, row);
            highest = Math.Max(highest, row);
        }

        return (lowest, highest);
    }
}

/// <summary>A feature of numbers.</summary>
internal abstract class NumberSource(Feature feature) : FeatureSource(feature)
{
    /// <param name="rows">Exposures.</param>
    /// <param name="to">Their numbers one after another, each of the feature's width.</param>
    public abstract void Fill(ReadOnlySpan<int> rows, Span<float> to);
}

/// <summary>An id of the exposure's user, video, tab or hour.</summary>
/// <param name="feature">What it fills.</param>
/// <param name="column">Ids by entity.</param>
/// <param name="entityOf">Entity by exposure.</param>
internal sealed class EntityIdSource(IdFeature feature, IdColumn column, int[] entityOf) : IdSource(feature)
{
    public override void Fill(ReadOnlySpan<int> rows, Span<long> to)
    {
        var tableRows = column.Rows;
        for (var index = 0; index < rows.Length; index++)
        {
            to[index] = tableRows[entityOf[rows[index]]];
        }
    }

    public override RawFeature Raw(int row) => column.Raw(Feature, entityOf[row]);

    public override VocabularyKind Kind => column.Vocabulary.Kind;

    public override (int Lowest, int Highest) Bounds => BoundsOf(column.Rows);

    public override IdSource In(Vocabulary? vocabulary, int width) => new EntityIdSource((IdFeature)Feature, column.In(vocabulary), entityOf);
}

/// <summary>An id of the videos in the user's history, newest first.</summary>
/// <param name="feature">What it fills.</param>
/// <param name="column">Ids by entity.</param>
/// <param name="entityOf">Entity by entry of the histories: the video, or its feedback.</param>
/// <param name="history">Which entries an exposure could know.</param>
/// <param name="padding">Raw id of an empty place.</param>
/// <param name="paddingRow">Row of an empty place.</param>
internal sealed class HistorySource(
    HistoryFeature feature, IdColumn column, int[] entityOf, HistoryPass history, long padding, int paddingRow = 0) : IdSource(feature)
{
    private readonly int _length = feature.Length;

    public override void Fill(ReadOnlySpan<int> rows, Span<long> to)
    {
        var tableRows = column.Rows;
        for (var index = 0; index < rows.Length; index++)
        {
            var places = to.Slice(index * _length, _length);
            var (start, end) = history.Before(rows[index]);
            var count = Math.Min(_length, end - start);
            for (var place = 0; place < count; place++)
            {
                places[place] = tableRows[entityOf[end - 1 - place]];
            }

            places[count..].Fill(paddingRow);
        }
    }

    public override RawFeature Raw(int row)
    {
        var (start, end) = history.Before(row);
        var ids = new long[_length];
        for (var place = 0; place < ids.Length; place++)
        {
            ids[place] = place < end - start ? column.RawInteger(entityOf[end - 1 - place]) : padding;
        }

        return new RawFeature(Feature) { Ids = ids };
    }

    public override VocabularyKind Kind => column.Vocabulary.Kind;

    public override (int Lowest, int Highest) Bounds => BoundsOf([.. column.Rows, paddingRow]);

    public override IdSource In(Vocabulary? vocabulary, int width) => new HistorySource(
        (HistoryFeature)Feature with { Length = width }, column.In(vocabulary), entityOf, history, padding, (int)(vocabulary?.Map(padding) ?? padding));
}

/// <summary>Numbers that are kept for every exposure.</summary>
internal sealed class StoredSource(Feature feature, RowStore store) : NumberSource(feature)
{
    public override void Fill(ReadOnlySpan<int> rows, Span<float> to)
    {
        var width = store.Width;
        for (var index = 0; index < rows.Length; index++)
        {
            store[rows[index]].CopyTo(to.Slice(index * width, width));
        }
    }

    public override RawFeature Raw(int row) => new(Feature) { Numbers = store[row].ToArray() };
}

/// <summary>Length of the video in seconds and its age in days, since the beginning of its upload day in China; 0 if unknown.</summary>
/// <param name="feature">What it fills.</param>
/// <param name="log">Exposures.</param>
/// <param name="seconds">By video.</param>
/// <param name="uploadMs">By video; <see cref="EntityTable.Missing"/> if unknown.</param>
internal sealed class VideoShapeSource(DenseFeature feature, InteractionLog log, float[] seconds, long[] uploadMs) : NumberSource(feature)
{
    public const int Width = 2;

    public override void Fill(ReadOnlySpan<int> rows, Span<float> to)
    {
        for (var index = 0; index < rows.Length; index++)
        {
            Write(rows[index], to.Slice(index * Width, Width));
        }
    }

    public override RawFeature Raw(int row)
    {
        var numbers = new float[Width];
        Write(row, numbers);
        return new RawFeature(Feature) { Numbers = numbers };
    }

    private void Write(int row, Span<float> to)
    {
        var video = log.Video[row];
        to[0] = seconds[video];
        var upload = uploadMs[video];
        to[1] = upload == EntityTable.Missing ? 0 : Math.Max(0, (log.Time[row] - upload) / (float)ChinaTime.DayMs);
    }
}

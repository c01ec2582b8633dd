using System.Runtime.InteropServices;
using Pantheon.Contracts.V1;
using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;
using WireFeature = Pantheon.Contracts.V1.Feature;

namespace Pantheon.Promotion.Live;

/// <summary>A feature of some rows, read out of requests.</summary>
internal sealed class LiveColumn
{
    private readonly bool _isId;
    private readonly bool _isOfUser;
    private readonly int _width;
    private readonly LiveVocabulary? _vocabulary;
    private readonly List<long> _ids = [];
    private readonly List<float> _numbers = [];
    private long[] _sentIds = [];
    private float[] _sentNumbers = [];

    public LiveColumn(FeatureSchema schema, int index, IReadOnlyDictionary<string, LiveVocabulary> vocabularies)
    {
        var feature = schema.Features[index];
        (Name, _isOfUser, _width) = (feature.Name, feature.Side == FeatureSide.User, FeatureBatch.WidthOf(schema, index));
        _vocabulary = feature switch
        {
            IdFeature id => vocabularies[id.Table],
            HistoryFeature history => vocabularies[history.Table],
            _ => null,
        };
        _isId = _vocabulary is not null;
    }

    public string Name { get; }

    /// <summary>Takes a request's values.</summary>
    /// <exception cref="FormatException">They are not what the schema says.</exception>
    public void Begin(WireFeature? sent, int candidates)
    {
        if (sent is null)
        {
            throw new FormatException($"feature '{Name}': it did not come");
        }

        if (sent.Strings.Count > 0)
        {
            throw new FormatException($"feature '{Name}': texts came, expected {(_isId ? "int64" : "float")}");
        }

        if (_isId)
        {
            _sentIds = sent.Data.IsEmpty ? [.. sent.Int64S] : Values<long>(sent.Data, DataType.Int64, sent.Type);
        }
        else
        {
            _sentNumbers = sent.Data.IsEmpty ? [.. sent.Floats] : Values<float>(sent.Data, DataType.Float, sent.Type);
        }

        var (came, expected) = (_isId ? _sentIds.Length : _sentNumbers.Length, _width * (_isOfUser ? 1 : candidates));
        if (came != expected)
        {
            throw new FormatException($"feature '{Name}': {came} values came, expected {expected}");
        }
    }

    /// <summary>Adds a candidate of that request as a row.</summary>
    public void Add(int position)
    {
        var from = _isOfUser ? 0 : position * _width;
        for (var place = from; place < from + _width; place++)
        {
            if (_isId)
            {
                _ids.Add(_vocabulary!.Map(_sentIds[place]));
            }
            else
            {
                _numbers.Add(float.IsFinite(_sentNumbers[place]) ? _sentNumbers[place] : 0);
            }
        }
    }

    public void Fill(ReadOnlySpan<int> rows, FeatureBatch batch, int index)
    {
        if (_isId)
        {
            Fill(rows, CollectionsMarshal.AsSpan(_ids), batch.Ids(index));
        }
        else
        {
            Fill(rows, CollectionsMarshal.AsSpan(_numbers), batch.Numbers(index));
        }
    }

    private void Fill<T>(ReadOnlySpan<int> rows, ReadOnlySpan<T> from, T[] to)
    {
        for (var row = 0; row < rows.Length; row++)
        {
            from.Slice(rows[row] * _width, _width).CopyTo(to.AsSpan(row * _width));
        }
    }

    private T[] Values<T>(Google.Protobuf.ByteString data, DataType expected, DataType came)
        where T : struct =>
        came != expected || data.Length % Marshal.SizeOf<T>() != 0
            ? throw new FormatException($"feature '{Name}': {data.Length} bytes of {came} came, expected {expected}")
            : MemoryMarshal.Cast<byte, T>(data.Span).ToArray();
}

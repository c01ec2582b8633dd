using System.Runtime.InteropServices;
using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;
using WireFeature = Pantheon.Contracts.V1.Feature;

namespace Pantheon.Promotion.Live;

/// <summary>
/// Items that were shown, with the features that they were ranked by. Requests that were not stored whole, or do not have the features, are
/// counted and left out. Immutable once read.
/// </summary>
public sealed class LiveExamples : IExamples
{
    private readonly LiveColumn[] _columns;
    private readonly List<int> _users = [];
    private readonly List<byte>[] _labels;
    private readonly List<Exposure> _exposures = [];

    private readonly JoinedWindow _window;

    internal LiveExamples(FeatureSchema schema, IReadOnlyDictionary<string, LiveVocabulary> vocabularies, JoinedWindow window)
    {
        (Schema, _window) = (schema, window);
        _columns = [.. Enumerable.Range(0, schema.Features.Count).Select(index => new LiveColumn(schema, index, vocabularies))];
        _labels = [.. schema.Objectives.Select(_ => new List<byte>())];
        var known = new Dictionary<string, int>(StringComparer.Ordinal);
        foreach (var shown in window.Rows.GroupBy(row => row.Ranking.Id))
        {
            var rows = shown.ToList();
            Read(rows[0].Ranking, rows, known);
        }
    }

    /// <inheritdoc/>
    public FeatureSchema Schema { get; }

    /// <inheritdoc/>
    public int Count => _exposures.Count;

    /// <inheritdoc/>
    public ReadOnlySpan<int> UserIndex => CollectionsMarshal.AsSpan(_users);

    /// <summary>What each row is of.</summary>
    public IReadOnlyList<Exposure> Exposures => _exposures;

    /// <summary>Items of requests that were not stored whole, or named no user.</summary>
    public int WithoutFeatures { get; private set; }

    /// <summary>Items of requests whose features are not those of the schema.</summary>
    public int NotFitting { get; private set; }

    /// <summary>Why the first of those does not fit; null: all do.</summary>
    public string? Misfit { get; private set; }

    /// <summary>What the join met.</summary>
    public JoinCounts Joined => _window.Counts;

    /// <summary>The same rows in the rows of tables that vocabularies have now.</summary>
    internal LiveExamples Again(IReadOnlyDictionary<string, LiveVocabulary> vocabularies) => new(Schema, vocabularies, _window);

    /// <inheritdoc/>
    public ReadOnlySpan<byte> Labels(int objective) => CollectionsMarshal.AsSpan(_labels[objective]);

    /// <inheritdoc/>
    public void Fill(ReadOnlySpan<int> rows, FeatureBatch batch)
    {
        ArgumentNullException.ThrowIfNull(batch);
        for (var index = 0; index < _columns.Length; index++)
        {
            _columns[index].Fill(rows, batch, index);
        }

        for (var row = 0; row < rows.Length; row++)
        {
            for (var objective = 0; objective < _labels.Length; objective++)
            {
                batch.Labels[(row * _labels.Length) + objective] = _labels[objective][rows[row]];
            }
        }

        batch.Count = rows.Length;
    }

    private void Read(Ranking ranking, List<Exposure> rows, Dictionary<string, int> known)
    {
        if (ranking.Features.IsEmpty || ranking.UserKey.Length == 0)
        {
            WithoutFeatures += rows.Count;
            return;
        }

        try
        {
            var request = RankRequest.Parser.ParseFrom(ranking.Features.Span);
            Dictionary<string, WireFeature> sent = request.UserFeatures.Concat(request.CandidateFeatures).ToDictionary(feature => feature.Name, StringComparer.Ordinal);
            foreach (var column in _columns)
            {
                column.Begin(sent.GetValueOrDefault(column.Name), ranking.Candidates);
            }
        }
        catch (Exception error) when (error is InvalidProtocolBufferException or FormatException or ArgumentException)
        {
            NotFitting += rows.Count;
            Misfit ??= error.Message;
            return;
        }

        if (!known.TryGetValue(ranking.UserKey, out var user))
        {
            known.Add(ranking.UserKey, user = known.Count);
        }

        foreach (var row in rows)
        {
            foreach (var column in _columns)
            {
                column.Add(row.Item.Position);
            }

            _users.Add(user);
            _exposures.Add(row);
            for (var objective = 0; objective < _labels.Length; objective++)
            {
                _labels[objective].Add((byte)row.Labels[objective]);
            }
        }
    }
}

using Pantheon.Learning.Data;

namespace Pantheon.Promotion.Live;

/// <summary>Raw ids to rows of a table of a fixed size. An id gets its row after the window that it first came in: until then it is unknown, in training as in service.</summary>
internal sealed class LiveVocabulary(string table, int rows)
{
    private readonly Dictionary<long, int> _rows = [];
    private readonly List<long> _raw = [];
    private readonly HashSet<long> _new = [];

    /// <summary>Ids that have a row.</summary>
    public int Count => _raw.Count;

    /// <summary>The row of an id, 0 if it has none.</summary>
    public int Map(long raw)
    {
        if (_rows.TryGetValue(raw, out var row))
        {
            return row;
        }

        _new.Add(raw);
        return 0;
    }

    /// <summary>Gives rows to the ids that were asked for and had none, in the order of the ids; what finds no room stays unknown.</summary>
    public void Grow()
    {
        foreach (var raw in _new.Order().TakeWhile(_ => _raw.Count + 1 < rows))
        {
            _raw.Add(raw);
            _rows.Add(raw, _raw.Count);
        }

        _new.Clear();
    }

    /// <summary>As a bundle takes it.</summary>
    public IdVocabulary ToVocabulary() => new(table, [.. _raw]);

    public void Save(BinaryWriter writer)
    {
        writer.Write(_raw.Count);
        _raw.ForEach(writer.Write);
    }

    public void Load(BinaryReader reader)
    {
        _rows.Clear();
        _raw.Clear();
        _new.Clear();
        for (var left = reader.ReadInt32(); left > 0; left--)
        {
            _raw.Add(reader.ReadInt64());
            _rows.Add(_raw[^1], _raw.Count);
        }
    }
}

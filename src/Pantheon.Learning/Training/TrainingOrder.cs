using Pantheon.Learning.Data;

namespace Pantheon.Learning.Training;

/// <summary>In which order a pass takes the training rows. It follows from the seed and the pass alone.</summary>
internal sealed class TrainingOrder
{
    private readonly TrainingOptions _options;

    // Groups of _size entries: a row, or the complement ~row of one that only fills its group.
    private readonly int[] _inTime;
    private readonly int[] _entries;
    private readonly int[] _groups;
    private readonly int _size;
    private long _pass = -1;

    /// <param name="rows">In the order of time.</param>
    public TrainingOrder(IExamples data, int[] rows, TrainingOptions options)
    {
        _options = options;
        _size = options.Group > 0 ? options.Group : 1;
        _inTime = options.Group > 0 ? ByUser(data, rows, _size) : rows;
        _entries = new int[_inTime.Length];
        _groups = new int[_inTime.Length / _size];
    }

    /// <summary>Entries of a pass, those that only fill included.</summary>
    public int Length => _inTime.Length;

    /// <summary>The entries of a pass; valid until another one is asked for.</summary>
    public ReadOnlySpan<int> Of(long pass)
    {
        if (_options.Order == RowOrder.Time)
        {
            return _inTime;
        }

        if (_pass == pass)
        {
            return _entries;
        }

        for (var group = 0; group < _groups.Length; group++)
        {
            _groups[group] = group;
        }

        new Random(unchecked((int)((_options.Seed * 1_000_003) + (ulong)pass))).Shuffle(_groups);
        for (var group = 0; group < _groups.Length; group++)
        {
            _inTime.AsSpan(_groups[group] * _size, _size).CopyTo(_entries.AsSpan(group * _size));
        }

        _pass = pass;
        return _entries;
    }

    private static int[] ByUser(IExamples data, int[] taken, int size)
    {
        var entries = new List<int>(taken.Length + (taken.Length / 2));
        var users = data.UserIndex;
        var rowsOf = new Dictionary<int, List<int>>();
        foreach (var row in taken)
        {
            if (!rowsOf.TryGetValue(users[row], out var rows))
            {
                rowsOf.Add(users[row], rows = []);
            }

            rows.Add(row);
        }

        // In the order of each user's first exposure.
        foreach (var rows in rowsOf.Values.OrderBy(rows => rows[0]))
        {
            entries.AddRange(rows);
            while (entries.Count % size != 0)
            {
                entries.Add(~rows[^1]);
            }
        }

        return [.. entries];
    }
}

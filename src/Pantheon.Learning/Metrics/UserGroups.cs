namespace Pantheon.Learning.Metrics;

/// <summary>
/// Which rows belong to which user (or list, or session), found once for a slice of data and used by every grouped metric over it.
/// Immutable; safe to use from several threads.
/// </summary>
public sealed class UserGroups
{
    // Rows that one piece of parallel work has at least. Fixed, and not from the number of cores, so that sums have one order
    // everywhere.
    private const int ChunkRows = 8192;

    private readonly int[] _offsets;

    // Null where the rows are in group order as they come.
    private readonly int[]? _rows;
    private readonly int[] _chunks;

    private UserGroups(int[] offsets, int[]? rows)
    {
        _offsets = offsets;
        _rows = rows;
        var chunks = new List<int> { 0 };
        for (int user = 0; user < Count; user++)
        {
            int size = offsets[user + 1] - offsets[user];
            Users += size > 0 ? 1 : 0;
            Largest = Math.Max(Largest, size);
            if (offsets[user + 1] - offsets[chunks[^1]] >= ChunkRows)
            {
                chunks.Add(user + 1);
            }
        }

        if (chunks[^1] != Count)
        {
            chunks.Add(Count);
        }

        _chunks = [.. chunks];
    }

    /// <summary>Groups, those without rows included: the highest user plus 1.</summary>
    public int Count => _offsets.Length - 1;

    /// <summary>Users that have a row.</summary>
    public int Users { get; }

    /// <summary>Rows of all users.</summary>
    public int Rows => _offsets[^1];

    /// <summary>Rows of the user with the most.</summary>
    public int Largest { get; }

    /// <summary>Whether the rows come in group order, so that nothing need be gathered.</summary>
    public bool InOrder => _rows is null;

    /// <summary>First place in group order of each group; one more entry than groups.</summary>
    internal ReadOnlySpan<int> Offsets => _offsets;

    /// <summary>The row at each place in group order; empty if <see cref="InOrder"/>.</summary>
    internal ReadOnlySpan<int> Order => _rows;

    /// <summary>Pieces of parallel work: from group <c>[c]</c> up to, not with, group <c>[c + 1]</c>.</summary>
    internal ReadOnlySpan<int> Chunks => _chunks;

    internal int ChunkCount => _chunks.Length - 1;

    /// <summary>Groups rows by user; within a user they keep their order.</summary>
    /// <param name="users">The user of each row, 0 to U-1, <c>[n]</c>. Memory grows with the highest.</param>
    /// <exception cref="ArgumentException">A user is negative or the highest int.</exception>
    public static UserGroups Of(ReadOnlySpan<int> users)
    {
        int highest = -1;
        bool inOrder = true;
        int previous = -1;
        foreach (int user in users)
        {
            if (user is < 0 or int.MaxValue)
            {
                throw new ArgumentException($"user {user} came; expected dense numbers from 0", nameof(users));
            }

            highest = Math.Max(highest, user);
            inOrder &= user >= previous;
            previous = user;
        }

        int[] offsets = new int[highest + 2];
        foreach (int user in users)
        {
            offsets[user + 1]++;
        }

        for (int user = 0; user <= highest; user++)
        {
            offsets[user + 1] += offsets[user];
        }

        return new UserGroups(offsets, inOrder ? null : Ordered(users, offsets));
    }

    /// <summary>All rows as one group: grouped metrics become global ones.</summary>
    public static UserGroups Single(int rows)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(rows);
        return new UserGroups([0, rows], null);
    }

    /// <summary>A column <c>[n]</c> in group order: what <see cref="Regrouped"/> describes.</summary>
    /// <exception cref="ArgumentException">The column has not as many rows as there are.</exception>
    public T[] Gather<T>(ReadOnlySpan<T> column)
    {
        CheckRows(column.Length, nameof(column));
        if (_rows is null)
        {
            return column.ToArray();
        }

        var ordered = new T[column.Length];
        for (int place = 0; place < ordered.Length; place++)
        {
            ordered[place] = column[_rows[place]];
        }

        return ordered;
    }

    /// <summary>The same groups over columns that <see cref="Gather"/> has put into group order.</summary>
    public UserGroups Regrouped() => InOrder ? this : new UserGroups(_offsets, null);

    internal void CheckRows(int rows, string name)
    {
        if (rows != Rows)
        {
            throw new ArgumentException($"{rows} rows came; expected {Rows}, as many as have a user", name);
        }
    }

    private static int[] Ordered(ReadOnlySpan<int> users, int[] offsets)
    {
        int[] rows = new int[users.Length];
        int[] next = offsets.AsSpan(0, offsets.Length - 1).ToArray();
        for (int row = 0; row < users.Length; row++)
        {
            rows[next[users[row]]++] = row;
        }

        return rows;
    }
}

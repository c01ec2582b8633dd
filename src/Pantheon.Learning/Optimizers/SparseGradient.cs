using System.Numerics;
using System.Runtime.InteropServices;

namespace Pantheon.Learning.Optimizers;

/// <summary>
/// The gradient of an embedding table over one batch: the rows touched and, for each of them, the sum over all its places in the
/// batch. Sums are built in the order in which rows come, hence always the same. Memory is kept between batches and grows to the
/// largest one. Not safe for use by two threads at once.
/// </summary>
public sealed class SparseGradient
{
    // A sparse set (Briggs and Torczon 1993): row r has slot s = _slots[r] if s < Count and _touched[s] == r. Whatever else stands
    // in _slots means nothing, so that nothing has to be cleared.
    private readonly int[] _slots;
    private readonly int _frozen;
    private int[] _touched = [];
    private float[] _values = [];

    /// <param name="rows">Rows of the table, at least 1.</param>
    /// <param name="width">Numbers per row, at least 1.</param>
    /// <param name="frozenRow">
    /// A row whose gradients are dropped, so that it keeps its values and has no part in the norm, as padding_idx in PyTorch. Null: none.
    /// </param>
    public SparseGradient(int rows, int width, int? frozenRow = null)
    {
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(rows);
        ArgumentOutOfRangeException.ThrowIfNegativeOrZero(width);
        ArgumentOutOfRangeException.ThrowIfGreaterThan((long)rows * width, Array.MaxLength, nameof(rows));
        if (frozenRow is { } row && (uint)row >= (uint)rows)
        {
            throw new ArgumentOutOfRangeException(nameof(frozenRow), row, $"a row from 0 to {rows - 1}, or null");
        }

        (Rows, Width, _slots, _frozen) = (rows, width, new int[rows], frozenRow ?? -1);
    }

    /// <summary>Rows of the table.</summary>
    public int Rows { get; }

    /// <summary>Numbers per row.</summary>
    public int Width { get; }

    /// <summary>The row whose gradients are dropped; null if none is.</summary>
    public int? FrozenRow => _frozen < 0 ? null : _frozen;

    /// <summary>Different rows touched.</summary>
    public int Count { get; private set; }

    /// <summary>The rows touched, each once, in the order in which they first came: <c>[Count]</c>.</summary>
    public ReadOnlySpan<int> TouchedRows => _touched.AsSpan(0, Count);

    /// <summary>Their gradients: <c>[Count, Width]</c>.</summary>
    public ReadOnlySpan<float> Values => _values.AsSpan(0, Count * Width);

    /// <summary>Forgets all rows, for the next batch. Costs nothing.</summary>
    public void Clear() => Count = 0;

    /// <summary>Adds the gradients of one Gather; a table that is gathered several times gets several calls.</summary>
    /// <param name="rows">The rows gathered, repeated as they come: <c>[n]</c>.</param>
    /// <param name="gradients">The gradient at each place: <c>[n, Width]</c>.</param>
    /// <exception cref="ArgumentException">
    /// Lengths that do not match, or a row outside the table. In the second case the rows before it have been added.
    /// </exception>
    public void Add(ReadOnlySpan<long> rows, ReadOnlySpan<float> gradients)
    {
        if (gradients.Length != (long)rows.Length * Width)
        {
            throw new ArgumentException($"{gradients.Length} gradients for {rows.Length} rows, expected {Width} for each");
        }

        Reserve((int)Math.Min(Rows, (long)Count + rows.Length));
        int[] touched = _touched;
        int count = Count;
        for (int place = 0; place < rows.Length; place++)
        {
            long row = rows[place];
            if ((ulong)row >= (ulong)Rows)
            {
                Count = count;
                throw new ArgumentOutOfRangeException(nameof(rows), row, $"a row of the table is from 0 to {Rows - 1}; place {place}");
            }

            if (row == _frozen)
            {
                continue;
            }

            ReadOnlySpan<float> source = gradients.Slice(place * Width, Width);
            int slot = _slots[row];
            if ((uint)slot < (uint)count && touched[slot] == row)
            {
                AddTo(_values.AsSpan(slot * Width, Width), source);
            }
            else
            {
                source.CopyTo(_values.AsSpan(count * Width, Width));
                touched[count] = (int)row;
                _slots[row] = count++;
            }
        }

        Count = count;
    }

    private static void AddTo(Span<float> sums, ReadOnlySpan<float> gradients)
    {
        ref float sum = ref MemoryMarshal.GetReference(sums);
        ref float gradient = ref MemoryMarshal.GetReference(gradients);
        int at = 0;
        for (; at <= sums.Length - Vector<float>.Count; at += Vector<float>.Count)
        {
            (Vector.LoadUnsafe(ref sum, (nuint)at) + Vector.LoadUnsafe(ref gradient, (nuint)at)).StoreUnsafe(ref sum, (nuint)at);
        }

        for (; at < sums.Length; at++)
        {
            sums[at] += gradients[at];
        }
    }

    private void Reserve(int rows)
    {
        if (rows <= _touched.Length)
        {
            return;
        }

        // Half more than asked for: batches differ a little, and each growth copies.
        int room = (int)Math.Min(Rows, rows + (rows / 2L));
        int[] touched = GC.AllocateUninitializedArray<int>(room);
        float[] values = GC.AllocateUninitializedArray<float>(room * Width);
        TouchedRows.CopyTo(touched);
        Values.CopyTo(values);
        (_touched, _values) = (touched, values);
    }
}

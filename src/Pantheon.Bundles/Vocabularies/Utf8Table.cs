using System.Runtime.CompilerServices;

namespace Pantheon.Bundles;

/// <summary>As <see cref="Int64Table"/>, for keys that are slices of the file's own bytes, which are kept instead of copied.</summary>
internal sealed class Utf8Table
{
    private readonly byte[] _bytes;
    private readonly Slot[] _slots;
    private readonly int _mask;

    /// <param name="bytes">Holds every key that will be added.</param>
    /// <param name="ids">At most this many keys will be added.</param>
    public Utf8Table(byte[] bytes, int ids)
    {
        _bytes = bytes;
        _slots = new Slot[Int64Table.Capacity(ids)];
        _mask = _slots.Length - 1;
    }

    public int Count { get; private set; }

    public long MemoryBytes => ((long)_slots.Length * Unsafe.SizeOf<Slot>()) + _bytes.Length;

    /// <returns>False if the key is there already.</returns>
    public bool TryAdd(int offset, int length, int row)
    {
        var key = _bytes.AsSpan(offset, length);
        var hash = Hash(key);
        var index = hash & _mask;
        while (_slots[index].NotRow != 0)
        {
            if (_slots[index].Hash == hash && KeyOf(_slots[index]).SequenceEqual(key))
            {
                return false;
            }

            index = (index + 1) & _mask;
        }

        _slots[index] = new Slot { Hash = hash, Offset = offset, Length = length, NotRow = ~row };
        Count++;
        return true;
    }

    public bool TryGet(ReadOnlySpan<byte> key, out int row)
    {
        var slots = _slots;
        var hash = Hash(key);
        var index = hash & _mask;
        while (true)
        {
            ref readonly var slot = ref slots[index];
            if (slot.NotRow == 0)
            {
                row = 0;
                return false;
            }

            if (slot.Hash == hash && KeyOf(slot).SequenceEqual(key))
            {
                row = ~slot.NotRow;
                return true;
            }

            index = (index + 1) & _mask;
        }
    }

    // Seeded per process: keys come from requests, and nobody outside can aim them at one slot.
    private static int Hash(ReadOnlySpan<byte> key)
    {
        var hash = default(HashCode);
        hash.AddBytes(key);
        return hash.ToHashCode();
    }

    private ReadOnlySpan<byte> KeyOf(in Slot slot) => _bytes.AsSpan(slot.Offset, slot.Length);

    private struct Slot
    {
        public int Hash;
        public int Offset;
        public int Length;

        /// <summary>The row's complement: negative, so that 0 marks an empty slot.</summary>
        public int NotRow;
    }
}

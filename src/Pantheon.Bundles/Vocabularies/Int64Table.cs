using System.Numerics;
using System.Runtime.CompilerServices;

namespace Pantheon.Bundles;

/// <summary>Open addressing with linear probing, at most three quarters full, one 16-byte slot per probe and so one cache line.</summary>
internal sealed class Int64Table
{
    private readonly Slot[] _slots;
    private readonly int _mask;

    /// <param name="ids">At most this many ids will be added.</param>
    public Int64Table(int ids)
    {
        _slots = new Slot[Capacity(ids)];
        _mask = _slots.Length - 1;
    }

    public int Count { get; private set; }

    public long MemoryBytes => (long)_slots.Length * Unsafe.SizeOf<Slot>();

    /// <summary>The power of two that stays at least a quarter empty, which also ends every probe for an unknown id.</summary>
    public static int Capacity(int ids) => checked((int)BitOperations.RoundUpToPowerOf2((uint)(((long)ids * 4 / 3) + 1)));

    /// <returns>False if the id is there already.</returns>
    public bool TryAdd(long id, int row)
    {
        var index = Hash(id) & _mask;
        while (_slots[index].NotRow != 0)
        {
            if (_slots[index].Id == id)
            {
                return false;
            }

            index = (index + 1) & _mask;
        }

        _slots[index] = new Slot { Id = id, NotRow = ~row };
        Count++;
        return true;
    }

    public bool TryGet(long id, out int row)
    {
        var slots = _slots;
        var index = Hash(id) & _mask;
        while (true)
        {
            ref readonly var slot = ref slots[index];
            if (slot.NotRow == 0)
            {
                row = 0;
                return false;
            }

            if (slot.Id == id)
            {
                row = ~slot.NotRow;
                return true;
            }

            index = (index + 1) & _mask;
        }
    }

    // Ids come in runs and in multiples of powers of two; two rounds of multiply and shift spread both.
    private static int Hash(long id)
    {
        var hash = (ulong)id;
        hash = (hash ^ (hash >> 32)) * 0x9E3779B97F4A7C15;
        hash = (hash ^ (hash >> 29)) * 0xD1B54A32D192ED03;
        return (int)(hash >> 32);
    }

    private struct Slot
    {
        public long Id;

        /// <summary>The row's complement: negative, so that 0 marks an empty slot without a pass over the table.</summary>
        public int NotRow;
    }
}

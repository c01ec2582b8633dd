using System.Numerics;

namespace Pantheon.Learning.Data;

/// <summary>
/// Raw ids to 0, 1, 2, ... in the order in which they come. Open addressing, at most half full; concurrent reads are safe.
/// </summary>
internal sealed class IdIndex
{
    private long[] _keys;
    private int[] _notIndex;
    private int _mask;

    public IdIndex(int expected = 1024)
    {
        var capacity = (int)BitOperations.RoundUpToPowerOf2((uint)Math.Max(16, Math.Min(expected, 1 << 29) * 2L));
        _keys = new long[capacity];
        _notIndex = new int[capacity];
        _mask = capacity - 1;
    }

    public int Count { get; private set; }

    public static ulong Hash(long key)
    {
        // The finaliser of MurmurHash3: ids come in runs and in packed pairs.
        var hash = (ulong)key;
        hash = (hash ^ (hash >> 33)) * 0xFF51AFD7ED558CCD;
        hash = (hash ^ (hash >> 33)) * 0xC4CEB9FE1A85EC53;
        return hash ^ (hash >> 33);
    }

    public int GetOrAdd(long key)
    {
        var slot = Find(key);
        if (_notIndex[slot] != 0)
        {
            return ~_notIndex[slot];
        }

        if (Count * 2 >= _keys.Length)
        {
            Grow();
            slot = Find(key);
        }

        _keys[slot] = key;
        _notIndex[slot] = ~Count;
        return Count++;
    }

    /// <returns>-1 if the id never came.</returns>
    public int IndexOf(long key)
    {
        // The complement of an empty slot's 0 is -1.
        return ~_notIndex[Find(key)];
    }

    private int Find(long key)
    {
        var keys = _keys;
        var notIndex = _notIndex;
        var slot = (int)Hash(key) & _mask;
        while (notIndex[slot] != 0 && keys[slot] != key)
        {
            slot = (slot + 1) & _mask;
        }

        return slot;
    }

    private void Grow()
    {
        var (keys, notIndex) = (_keys, _notIndex);
        _keys = new long[keys.Length * 2];
        _notIndex = new int[keys.Length * 2];
        _mask = _keys.Length - 1;
        for (var old = 0; old < keys.Length; old++)
        {
            if (notIndex[old] != 0)
            {
                var slot = Find(keys[old]);
                _keys[slot] = keys[old];
                _notIndex[slot] = notIndex[old];
            }
        }
    }
}

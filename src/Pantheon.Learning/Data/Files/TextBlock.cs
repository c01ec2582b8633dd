namespace Pantheon.Learning.Data;

/// <summary>Whole lines of one file. Owned and reused by one parsing thread.</summary>
internal sealed class TextBlock
{
    public byte[] Bytes { get; private set; } = [];

    public int Length { get; private set; }

    /// <summary>The first line's number in the file, from 1.</summary>
    public long FirstLine { get; private set; }

    /// <summary>Which block of its file this is, from 0.</summary>
    public int Index { get; private set; }

    public void Set(int length, long firstLine, int index)
    {
        Length = length;
        FirstLine = firstLine;
        Index = index;
    }

    /// <param name="size">Bytes there must be.</param>
    /// <param name="keep">Of those, how many from the start stay.</param>
    public void Reserve(int size, int keep)
    {
        if (Bytes.Length >= size)
        {
            return;
        }

        var larger = GC.AllocateUninitializedArray<byte>(size);
        Bytes.AsSpan(0, keep).CopyTo(larger);
        Bytes = larger;
    }
}

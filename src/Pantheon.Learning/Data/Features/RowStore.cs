namespace Pantheon.Learning.Data;

/// <summary>Some floats for each exposure, in blocks, since an array of all may be longer than arrays can be.</summary>
internal sealed class RowStore
{
    private const int Shift = 16;
    private const int Mask = (1 << Shift) - 1;

    private readonly float[][] _blocks;

    public RowStore(int rows, int width)
    {
        Width = width;
        _blocks = new float[(int)(((long)rows + Mask) >> Shift)][];
        for (var block = 0; block < _blocks.Length; block++)
        {
            _blocks[block] = new float[Math.Min(1 << Shift, rows - (block << Shift)) * width];
        }
    }

    public int Width { get; }

    public Span<float> this[int row] => _blocks[row >> Shift].AsSpan((row & Mask) * Width, Width);
}

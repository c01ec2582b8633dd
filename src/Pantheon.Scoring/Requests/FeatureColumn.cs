using Pantheon.Scoring.Memory;

namespace Pantheon.Scoring.Requests;

/// <summary>
/// One feature of a request as it came: its name, the type it states, and its values in pinned memory, in whichever of
/// the four forms the caller chose. A valid feature has values in exactly one form. Reused from request to request.
/// </summary>
public sealed class FeatureColumn
{
    private readonly PinnedList _textEnds;

    internal FeatureColumn(PinnedPool pool)
    {
        Data = new PinnedList(pool);
        Floats = new PinnedList(pool);
        Int64s = new PinnedList(pool);
        TextBytes = new PinnedList(pool);
        _textEnds = new PinnedList(pool);
    }

    /// <summary>Its name; empty if none came.</summary>
    public string Name { get; set; } = "";

    /// <summary>The type it states, as the wire's number (0: none, 1: FLOAT, 2: INT64, 3: STRING).</summary>
    public int StatedType { get; set; }

    /// <summary>Values as little-endian bytes.</summary>
    public PinnedList Data { get; }

    /// <summary>Values as floats, 4 bytes each.</summary>
    public PinnedList Floats { get; }

    /// <summary>Values as 64-bit integers, 8 bytes each.</summary>
    public PinnedList Int64s { get; }

    /// <summary>Values as UTF-8 texts, back to back.</summary>
    public PinnedList TextBytes { get; }

    /// <summary>Number of texts.</summary>
    public int TextCount => _textEnds.ByteCount / sizeof(int);

    /// <summary>Bytes of pinned memory that its values use, all forms together.</summary>
    public long ByteCount =>
        (long)Data.ByteCount + Floats.ByteCount + Int64s.ByteCount + TextBytes.ByteCount + _textEnds.ByteCount;

    /// <summary>Ends the text whose bytes were appended to <see cref="TextBytes"/>.</summary>
    public void EndText() => BitConverter.TryWriteBytes(_textEnds.Append(sizeof(int)), TextBytes.ByteCount);

    /// <summary>The UTF-8 bytes of text <paramref name="index"/>.</summary>
    public ReadOnlySpan<byte> Text(int index)
    {
        var ends = _textEnds.Span<int>();
        var start = index == 0 ? 0 : ends[index - 1];
        return TextBytes.Span<byte>()[start..ends[index]];
    }

    internal void Reset()
    {
        Name = "";
        StatedType = 0;
        Data.Reset();
        Floats.Reset();
        Int64s.Reset();
        TextBytes.Reset();
        _textEnds.Reset();
    }
}

namespace Pantheon.Bundles;

/// <summary>Raw ids to embedding rows, for one id input. Immutable; lookups allocate nothing and may run concurrently.</summary>
public sealed class Vocabulary
{
    private readonly Int64Table? _integers;
    private readonly Utf8Table? _texts;

    internal Vocabulary(Int64Table integers, long unknownRow)
    {
        _integers = integers;
        UnknownRow = unknownRow;
    }

    internal Vocabulary(Utf8Table texts, long unknownRow)
    {
        _texts = texts;
        UnknownRow = unknownRow;
    }

    public VocabularyKind Kind => _texts is null ? VocabularyKind.Int64 : VocabularyKind.String;

    /// <summary>The row of every raw id that is not in the vocabulary.</summary>
    public long UnknownRow { get; }

    /// <summary>Raw ids known, at least 1.</summary>
    public int Count => _texts?.Count ?? _integers!.Count;

    /// <summary>Bytes that the tables hold: 21 to 43 per integer id; for strings that much and the size of the file.</summary>
    public long MemoryBytes => _texts?.MemoryBytes ?? _integers!.MemoryBytes;

    /// <summary>The row of an integer id.</summary>
    /// <exception cref="InvalidOperationException">A vocabulary of strings.</exception>
    public long Map(long rawId)
    {
        if (_integers is null)
        {
            throw new InvalidOperationException("an integer id for a vocabulary of strings");
        }

        return _integers.TryGet(rawId, out var row) ? row : UnknownRow;
    }

    /// <summary>The row of a string id, given as UTF-8 and compared byte by byte.</summary>
    /// <exception cref="InvalidOperationException">A vocabulary of integers.</exception>
    public long Map(ReadOnlySpan<byte> utf8)
    {
        if (_texts is null)
        {
            throw new InvalidOperationException("a string id for a vocabulary of integers");
        }

        return _texts.TryGet(utf8, out var row) ? row : UnknownRow;
    }
}

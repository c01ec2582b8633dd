using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>One input of the graph.</summary>
public sealed record InputSpec
{
    /// <summary>The graph input's name, which is also the feature's name on the wire.</summary>
    public required string Name { get; init; }

    public required ElementType Type { get; init; }

    public required FeatureSide Side { get; init; }

    /// <summary>
    /// The graph's shape; null is the candidate dimension, and every dimension before it is 1, so that candidates are rows. A
    /// candidate input has one null, a user input none (the graph broadcasts it) or one (the service tiles it).
    /// </summary>
    public required IReadOnlyList<long?> Shape { get; init; }

    /// <summary>The values that an int64 input may hold, or null if the graph does not tell.</summary>
    public IdRange? Range { get; init; }

    /// <summary>Where the service turns raw ids into rows for this int64 input; null: requests carry rows.</summary>
    public VocabularySpec? Vocabulary { get; init; }

    /// <summary>Whether NaN and infinity may come in this float input.</summary>
    public bool AllowNonFinite { get; init; }

    /// <summary>Numbers per candidate, or per request for an input without the candidate dimension: the product of the known dimensions.</summary>
    [JsonIgnore]
    public int Width
    {
        get
        {
            var width = 1L;
            foreach (var dimension in Shape)
            {
                width = checked(width * (dimension ?? 1));
            }

            return checked((int)width);
        }
    }

    /// <summary>A user input that the graph wants once per candidate.</summary>
    [JsonIgnore]
    public bool Tiled => Side == FeatureSide.User && Shape.Contains(null);
}

/// <summary>Values from <paramref name="Min"/> to <paramref name="Max"/>, both included.</summary>
public sealed record IdRange(long Min, long Max);

/// <summary>A vocabulary of one input.</summary>
public sealed record VocabularySpec
{
    /// <summary>The file inside the bundle, usually <c>vocabularies/&lt;input&gt;.tsv</c>.</summary>
    public required string File { get; init; }

    public required VocabularyKind Kind { get; init; }

    /// <summary>The row of every raw id that the file does not name.</summary>
    public required long UnknownRow { get; init; }
}

public enum ElementType
{
    [JsonStringEnumMemberName("float")]
    Float,

    [JsonStringEnumMemberName("int64")]
    Int64,
}

public enum FeatureSide
{
    /// <summary>Given once per request.</summary>
    [JsonStringEnumMemberName("user")]
    User,

    /// <summary>Given once per candidate.</summary>
    [JsonStringEnumMemberName("candidate")]
    Candidate,
}

public enum VocabularyKind
{
    [JsonStringEnumMemberName("int64")]
    Int64,

    /// <summary>UTF-8 text, compared byte by byte.</summary>
    [JsonStringEnumMemberName("string")]
    String,
}

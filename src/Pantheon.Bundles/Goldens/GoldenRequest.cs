namespace Pantheon.Bundles;

/// <summary>
/// One request as the graph takes it (rows, not raw ids) with outputs that another implementation gave. Every input of the
/// manifest is there, and at least one output.
/// </summary>
public sealed record GoldenRequest
{
    public required IReadOnlyDictionary<string, GoldenTensor> Inputs { get; init; }

    public required IReadOnlyDictionary<string, GoldenTensor> Outputs { get; init; }

    /// <summary>Candidates in the request, at least 1.</summary>
    public required int Candidates { get; init; }
}

/// <summary>Row-major numbers: <see cref="Floats"/> or <see cref="Int64s"/>, the other null.</summary>
public sealed record GoldenTensor
{
    /// <summary>The shape in full, the candidate dimension included.</summary>
    public required long[] Shape { get; init; }

    public float[]? Floats { get; init; }

    public long[]? Int64s { get; init; }
}

namespace Pantheon.Bundles;

/// <summary>Where a bundle came from. For people and audits; nothing in the service depends on it.</summary>
public sealed record Lineage
{
    /// <summary>When the bundle was made, ISO 8601 with offset.</summary>
    public required DateTimeOffset CreatedAt { get; init; }

    /// <summary>Tool and version, such as <c>pantheon 0.1.0</c>.</summary>
    public required string CreatedBy { get; init; }

    /// <summary>The graph file that was given, before any fusion was appended.</summary>
    public SourceFile? Source { get; init; }

    /// <summary>What the graph says made it, such as <c>pytorch 1.13.1</c>.</summary>
    public string? Producer { get; init; }

    /// <summary>The graph's version of the default operator set.</summary>
    public long? Opset { get; init; }

    /// <summary>The fusion that was appended to the graph; null: the graph had its own.</summary>
    public string? Formula { get; init; }

    /// <summary>Who computed the golden outputs, such as <c>golden.json, as given</c>.</summary>
    public string? GoldenProvenance { get; init; }

    /// <summary>Whom to credit for model or data.</summary>
    public string? Attribution { get; init; }

    /// <summary>Licence of model or data, an SPDX identifier where there is one.</summary>
    public string? License { get; init; }

    public string? Notes { get; init; }
}

/// <summary>A file outside the bundle, by name without folders and lower-case hexadecimal SHA-256.</summary>
public sealed record SourceFile(string Name, string Sha256);

namespace Pantheon.Cli.Evaluate;

/// <summary>What `pantheon evaluate` was told.</summary>
internal sealed record EvaluateRequest
{
    public required string Bundle { get; init; }

    public required string Data { get; init; }

    /// <summary>test, validate, train or all.</summary>
    public required string Split { get; init; }

    /// <summary>A training's configuration; null for the defaults.</summary>
    public required string? Config { get; init; }

    /// <summary>Folder of the report; null for none.</summary>
    public required string? Out { get; init; }

    public required string CommandLine { get; init; }
}

using Pantheon.Learning.Search;

namespace Pantheon.Cli.Formula;

/// <summary>What `pantheon formula search` was told.</summary>
internal sealed record SearchRequest
{
    public required string Data { get; init; }

    public required string Bundle { get; init; }

    public required int Trials { get; init; }

    public required FormulaFamily Family { get; init; }

    /// <summary>What each objective is worth; empty for all the same.</summary>
    public required IReadOnlyDictionary<string, double> Metric { get; init; }

    public required ulong Seed { get; init; }

    /// <summary>File of the trials; null for none.</summary>
    public required string? Journal { get; init; }

    public required bool Resume { get; init; }

    /// <summary>Name to publish under; null for the base's with "-formula".</summary>
    public required string? Model { get; init; }

    public required string Repository { get; init; }

    /// <summary>A training's configuration; null for the defaults.</summary>
    public required string? Config { get; init; }

    /// <summary>Folder of the report; null for none.</summary>
    public required string? Out { get; init; }

    public required string CommandLine { get; init; }
}

namespace Pantheon.Cli.Train;

/// <summary>What `pantheon train` was told.</summary>
internal sealed record TrainRequest
{
    public required string Data { get; init; }

    public required string? Config { get; init; }

    public required string Model { get; init; }

    public required string Repository { get; init; }

    /// <summary>Folder of checkpoint and report.</summary>
    public required string Out { get; init; }

    public required bool Resume { get; init; }

    public required string CommandLine { get; init; }
}

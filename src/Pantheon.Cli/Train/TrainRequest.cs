namespace Pantheon.Cli.Train;

/// <summary>What `pantheon train` was told.</summary>
internal sealed record TrainRequest
{
    public required string Data { get; init; }

    public required string? Config { get; init; }

    /// <summary>A bundle or an ONNX file whose ranking model is taken as it is; null: one is trained.</summary>
    public string? Ranking { get; init; }

    /// <summary>What is said of an ONNX file: its Pxtr outputs, objectives, inputs by side, and vocabularies; empty of a bundle, which says so itself.</summary>
    public RankingFile File { get; init; } = new([], [], [], [], new Dictionary<string, string>());

    /// <summary>Values inside of its graph that the heads see.</summary>
    public IReadOnlyList<string> States { get; init; } = [];

    public required string Model { get; init; }

    public required string Repository { get; init; }

    /// <summary>Folder of checkpoint and report.</summary>
    public required string Out { get; init; }

    public required bool Resume { get; init; }

    public required string CommandLine { get; init; }
}

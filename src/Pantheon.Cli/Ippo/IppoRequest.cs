namespace Pantheon.Cli.Ippo;

/// <summary>What `pantheon ippo` was told.</summary>
internal sealed record IppoRequest
{
    public required string Data { get; init; }

    public required string? Config { get; init; }

    /// <summary>A formula's name, or a bundle's path.</summary>
    public required string Incumbent { get; init; }

    /// <summary>Days of the log that the incumbent formula's ranking model is trained on; null: it is the one of the stream.</summary>
    public required int? IncumbentDays { get; init; }

    public required string Model { get; init; }

    public required string Repository { get; init; }

    /// <summary>Folder of journal and report.</summary>
    public required string Out { get; init; }

    public required string CommandLine { get; init; }
}

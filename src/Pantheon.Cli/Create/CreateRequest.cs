using Pantheon.Bundles;

namespace Pantheon.Cli.Create;

/// <summary>What `bundle create` was told, parsed and not yet held against the graph.</summary>
internal sealed record CreateRequest
{
    public required string Onnx { get; init; }

    public required string Model { get; init; }

    /// <summary>Null: the highest published plus one.</summary>
    public long? Version { get; init; }

    public required string Repository { get; init; }

    public required string Score { get; init; }

    public IReadOnlyList<string> Pxtrs { get; init; } = [];

    public IReadOnlyList<string> Objectives { get; init; } = [];

    public IReadOnlyList<string> UserInputs { get; init; } = [];

    public required IReadOnlyList<string> CandidateInputs { get; init; }

    public Moments? Own { get; init; }

    public Moments? Baseline { get; init; }

    public IReadOnlyDictionary<string, ScenarioCalibration> Scenarios { get; init; } = new Dictionary<string, ScenarioCalibration>();

    public string? Golden { get; init; }

    /// <summary>By input.</summary>
    public IReadOnlyDictionary<string, IdRange> Ranges { get; init; } = new Dictionary<string, IdRange>();

    /// <summary>Paths of tables of raw ids and rows, by input.</summary>
    public IReadOnlyDictionary<string, string> Vocabularies { get; init; } = new Dictionary<string, string>();

    /// <summary>Rows of unknown raw ids, by input.</summary>
    public IReadOnlyDictionary<string, long> UnknownRows { get; init; } = new Dictionary<string, long>();

    /// <summary>Float inputs that may hold NaN and infinity.</summary>
    public IReadOnlyList<string> AllowNonFinite { get; init; } = [];

    public NonFiniteScores NonFiniteScores { get; init; }

    public string? Formula { get; init; }

    public string? Attribution { get; init; }

    public string? License { get; init; }
}

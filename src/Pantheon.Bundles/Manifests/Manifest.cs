using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

/// <summary>
/// What <c>manifest.json</c> says of one model version. Its keys are the properties in snake_case, in this order; a key that
/// schema version 1 does not name is refused, so that a misspelt one is never silently a default.
/// </summary>
public sealed record Manifest
{
    public const string FileName = "manifest.json";

    /// <summary>The schema that this code writes and reads.</summary>
    public const int CurrentSchemaVersion = 1;

    /// <summary>A draft's version when the publisher is to take the highest present plus one.</summary>
    public const long NextVersion = 0;

    [JsonRequired]
    public int SchemaVersion { get; init; } = CurrentSchemaVersion;

    /// <summary>The model's name, also its folder's: <c>[A-Za-z0-9][A-Za-z0-9_.-]{0,63}</c>.</summary>
    public required string Model { get; init; }

    /// <summary>Positive, also the folder's name; <see cref="NextVersion"/> only in a draft.</summary>
    public required long Version { get; init; }

    /// <summary>The graph's inputs, each once, at least one of the candidates' side.</summary>
    public required IReadOnlyList<InputSpec> Inputs { get; init; }

    /// <summary>The outputs that are read: one score, and the Pxtrs as one output or one per objective.</summary>
    public required IReadOnlyList<OutputSpec> Outputs { get; init; }

    /// <summary>Names of the objectives in the order of the Pxtr columns; empty when the graph gives only a score.</summary>
    public required IReadOnlyList<string> Objectives { get; init; }

    /// <summary>Null: calibrated scores are the raw ones.</summary>
    public CalibrationSpec? Calibration { get; init; }

    /// <summary>What becomes of a score that is NaN or infinite; <see cref="NonFiniteScores.Fail"/> unless said.</summary>
    public NonFiniteScores NonFiniteScores { get; init; }

    public required Lineage Lineage { get; init; }

    /// <summary>Every file of the bundle but manifest.json itself. Empty in a draft: the publisher fills it in.</summary>
    [JsonRequired]
    public IReadOnlyList<FileEntry> Files { get; init; } = [];

    /// <summary>The only output of role <see cref="OutputRole.Score"/>.</summary>
    [JsonIgnore]
    public OutputSpec Score => Outputs.Single(output => output.Role == OutputRole.Score);

    /// <summary>The outputs of role <see cref="OutputRole.Pxtr"/> in objective order: none, one of M columns, or M of one.</summary>
    [JsonIgnore]
    public IReadOnlyList<OutputSpec> Pxtrs => [.. Outputs.Where(output => output.Role == OutputRole.Pxtr)];

    /// <summary>Reads and checks a manifest's bytes.</summary>
    /// <param name="utf8">The whole file.</param>
    /// <exception cref="BundleException">Not the JSON of a schema version 1 manifest, or one that contradicts itself.</exception>
    public static Manifest Parse(ReadOnlyMemory<byte> utf8)
    {
        var manifest = ManifestFile.Read(utf8);
        ManifestRules.CheckGraph(manifest);
        ManifestRules.CheckFiles(manifest);
        return manifest;
    }

    /// <summary>The bytes of manifest.json: indented UTF-8, keys in declared order, '\n' line ends, a final newline.</summary>
    public byte[] ToJson() => ManifestFile.Write(this);
}

using Pantheon.Bundles;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Cli.Create;

/// <summary>An input of the graph with all that is known of it before the graph is run.</summary>
internal sealed record DraftInput
{
    public required TensorInfo Tensor { get; init; }

    public required ElementType Type { get; init; }

    public required FeatureSide Side { get; init; }

    /// <summary>Where the graph leaves the number of rows open; -1 for a user input of fixed shape.</summary>
    public required int OpenAxis { get; init; }

    public IdRange? Range { get; init; }

    public RawIdTable? RawIds { get; init; }

    public bool AllowNonFinite { get; init; }

    public string Name => Tensor.Name;

    /// <summary>The open dimension's symbol, null if it has none.</summary>
    public string? Symbol => OpenAxis < 0 ? null : Tensor.Shape![OpenAxis].Symbol;

    /// <summary>What the manifest says of it once it is known whether the graph wants it once per candidate.</summary>
    public InputSpec ToSpec(bool perCandidate) => new()
    {
        Name = Name,
        Type = Type,
        Side = Side,
        Shape = [.. Tensor.Shape!.Select(dimension => dimension.Value ?? (perCandidate ? null : 1L))],
        Range = Range,
        Vocabulary = RawIds?.Spec,
        AllowNonFinite = AllowNonFinite,
    };
}

using System.Diagnostics.CodeAnalysis;

namespace Pantheon.Onnx.IdRanges;

/// <summary>What the graph tells about the valid values of one integer input.</summary>
public sealed record IdRangeFinding
{
    /// <summary>Name of the graph input.</summary>
    public required string Input { get; init; }

    /// <summary>
    /// Smallest valid value, inclusive; null if the graph does not decide it. Never below 0: Gather reads negatives from the end.
    /// </summary>
    public long? Minimum { get; init; }

    /// <summary>Largest valid value, inclusive; null if the graph does not decide it.</summary>
    public long? Maximum { get; init; }

    /// <summary>Whether <see cref="Minimum"/> and <see cref="Maximum"/> are known.</summary>
    [MemberNotNullWhen(true, nameof(Minimum), nameof(Maximum))]
    public bool IsDecided => Minimum is not null && Maximum is not null;

    /// <summary>Where the range comes from, or why there is none: a sentence for whoever brought the model.</summary>
    public required string Reason { get; init; }

    /// <summary>Other uses of a decided input that its range says nothing about, one sentence each; mostly empty.</summary>
    public IReadOnlyList<string> Notes { get; init; } = [];
}

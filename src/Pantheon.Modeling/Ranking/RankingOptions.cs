namespace Pantheon.Modeling.Ranking;

/// <summary>Sizes of a ranking model.</summary>
public sealed record RankingOptions
{
    /// <summary>
    /// Numbers per id embedding, at most; a table of few rows gets 2 log2(rows), as three rows have little to say in 16 numbers.
    /// 16: tables of some ten thousand rows overfit with more.
    /// </summary>
    public int EmbeddingWidth { get; init; } = 16;

    /// <summary>How the objectives share layers.</summary>
    public Sharing Sharing { get; init; } = Sharing.MixtureOfExperts;

    /// <summary>Shared experts.</summary>
    public int Experts { get; init; } = 4;

    /// <summary>Experts of each objective's own; progressive layered extraction only.</summary>
    public int OwnExperts { get; init; } = 1;

    /// <summary>Widths of an expert's layers.</summary>
    public IReadOnlyList<int> ExpertLayers { get; init; } = [128, 64];

    /// <summary>Widths of a tower's layers; the last is the width of its state t.</summary>
    public IReadOnlyList<int> TowerLayers { get; init; } = [32];

    /// <summary>Width of the attention unit over the user's history; 0 leaves the history out.</summary>
    public int AttentionWidth { get; init; } = 32;

    /// <summary>
    /// Width of the product of user and candidate, (W_u u) * (W_c c): what a factorisation machine computes and layers over a
    /// concatenation find hard to learn. 0 leaves it out.
    /// </summary>
    public int CrossWidth { get; init; } = 64;

    /// <summary>How many exposures the prior is worth when counts become rates.</summary>
    public float PriorStrength { get; init; } = 10;

    internal int WidthOf(int rows) => Math.Min(EmbeddingWidth, 2 * (int)Math.Ceiling(Math.Log2(rows)));
}

/// <summary>How the objectives share layers.</summary>
public enum Sharing
{
    /// <summary>MMoE: shared experts, a gate for each objective (Ma et al. 2018).</summary>
    MixtureOfExperts,

    /// <summary>PLE with one extraction layer, CGC: shared experts and some of each objective's own (Tang et al. 2020).</summary>
    ProgressiveLayeredExtraction,

    /// <summary>
    /// They share nothing, and there are no layers: a factorisation machine for each objective (Rendle 2010), with
    /// <see cref="RankingOptions.EmbeddingWidth"/> factors. Of the other options only <see cref="RankingOptions.PriorStrength"/> counts,
    /// and whether <see cref="RankingOptions.AttentionWidth"/> is 0, which leaves the history out. A baseline.
    /// </summary>
    FactorizationMachine,
}

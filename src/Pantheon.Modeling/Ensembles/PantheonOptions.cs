namespace Pantheon.Modeling.Ensembles;

/// <summary>A Pantheon head's shape; the variants of Pantheon Table 3.</summary>
public sealed record PantheonOptions
{
    /// <summary>What it sees of the ranking model.</summary>
    public PantheonInput Input { get; init; } = PantheonInput.HiddenStates;

    public PantheonEncoder Encoder { get; init; } = PantheonEncoder.Mlp;

    /// <summary>
    /// Whether the score begins as a fusion of the Pxtrs with weights personal to the user, and the encoder adds to it. Ours; not in the paper.
    /// </summary>
    public bool Personal { get; init; }

    /// <summary>Numbers in its own embedding of the user and of the item. 0 leaves them out. Our choice; the paper gives no sizes.</summary>
    public int EmbeddingWidth { get; init; } = 16;

    /// <summary>Widths of the hidden layers of the MLP encoder. Our choice.</summary>
    public IReadOnlyList<int> Layers { get; init; } = [128, 64];

    /// <summary>Width of a token of the Transformer encoder. Our choice.</summary>
    public int TokenWidth { get; init; } = 32;

    /// <summary>Attention heads; they divide <see cref="TokenWidth"/>. Our choice.</summary>
    public int Heads { get; init; } = 4;
}

/// <summary>What a Pantheon head sees of the ranking model.</summary>
public enum PantheonInput
{
    /// <summary>The predicted probabilities, as log-odds: the ablation "Pxtr&amp;MLP".</summary>
    Pxtrs,

    /// <summary>The tower states t: Eq. 6.</summary>
    HiddenStates,
}

/// <summary>How a Pantheon head fuses: Ensemble_Encoder of Eq. 7.</summary>
public enum PantheonEncoder
{
    Mlp,
    Transformer,

    /// <summary>Nothing: the personal fusion alone. Ours.</summary>
    None,
}

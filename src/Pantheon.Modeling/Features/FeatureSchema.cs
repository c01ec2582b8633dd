namespace Pantheon.Modeling.Features;

/// <summary>
/// What a ranking model is fed, in the order of its graph's inputs: the one description that the loader fills, the network reads and
/// the bundle's manifest repeats.
/// </summary>
/// <param name="Objectives">Names of the objectives in order, such as <c>is_click</c>.</param>
/// <param name="Tables">The embedding tables: name to number of rows, row 0 (unknown) included.</param>
/// <param name="Features">Every feature once, by unique name.</param>
public sealed record FeatureSchema(
    IReadOnlyList<string> Objectives, IReadOnlyDictionary<string, int> Tables, IReadOnlyList<Feature> Features);

/// <summary>Which part of a request a feature belongs to.</summary>
public enum FeatureSide
{
    /// <summary>Given once per request; also its context (hour, tab).</summary>
    User,

    /// <summary>Given for every candidate.</summary>
    Candidate,
}

/// <summary>One input of a ranking model.</summary>
/// <param name="Name">The graph input's name, and the feature's on the wire.</param>
/// <param name="Side">Whether it comes once per request or once per candidate.</param>
public abstract record Feature(string Name, FeatureSide Side);

/// <summary>One id: int64 <c>[n]</c>, a row of an embedding table. Row 0 is for ids that the vocabulary does not have.</summary>
/// <param name="Table">The table, which several features may share.</param>
public sealed record IdFeature(string Name, FeatureSide Side, string Table) : Feature(Name, Side);

/// <summary>
/// The user's most recent items or something about each of them, newest first: int64 <c>[n, Length]</c>, rows of an embedding
/// table. Row 0 fills the places of a short history, and ids that the vocabulary does not have; the model leaves both out.
/// </summary>
/// <param name="Table">The table, usually that of the candidates' feature of the same kind.</param>
/// <param name="Length">Places, at least 1.</param>
public sealed record HistoryFeature(string Name, string Table, int Length) : Feature(Name, FeatureSide.User);

/// <summary>Numbers as the gateway has them: float <c>[n, Width]</c>; the graph transforms them.</summary>
/// <param name="Width">Numbers per row.</param>
/// <param name="Transform">What the graph does first.</param>
public sealed record DenseFeature(string Name, FeatureSide Side, int Width, DenseTransform Transform) : Feature(Name, Side);

/// <summary>
/// How often something was shown before, and how often each objective came of it: float <c>[n, 1 + M]</c>, exposures first, then the
/// M objectives in order. Plain counts on the wire; the graph turns them into smoothed rates.
/// </summary>
public sealed record CountFeature(string Name, FeatureSide Side) : Feature(Name, Side);

/// <summary>A transform of non-negative numbers inside the graph.</summary>
public enum DenseTransform
{
    /// <summary>As they come: about 0 to 1.</summary>
    None,

    /// <summary>log(1 + x): counts, durations, ages.</summary>
    Log1p,
}

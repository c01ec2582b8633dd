using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>
/// One feature of one exposure as a gateway would send it: raw ids instead of rows. Exactly one of the three is set, with the feature's
/// width.
/// </summary>
/// <param name="Feature">Name, side and kind.</param>
public sealed record RawFeature(Feature Feature)
{
    /// <summary>Integer ids; -1 (in recent_feedback 0) where there is none, which no vocabulary has.</summary>
    public long[]? Ids { get; init; }

    /// <summary>Ids that are text; empty where there is none.</summary>
    public string[]? Texts { get; init; }

    /// <summary>Plain numbers.</summary>
    public float[]? Numbers { get; init; }
}

/// <summary>All features of one exposure, in the schema's order.</summary>
public sealed class RawFeatures
{
    private readonly RawFeature[] _features;

    internal RawFeatures(RawFeature[] features) => _features = features;

    public IReadOnlyList<RawFeature> Features => _features;

    /// <exception cref="KeyNotFoundException">There is no such feature.</exception>
    public RawFeature this[string name] => Array.Find(_features, feature => feature.Feature.Name == name)
        ?? throw new KeyNotFoundException($"no feature '{name}'");
}

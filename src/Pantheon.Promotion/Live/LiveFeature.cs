using Pantheon.Modeling.Features;

namespace Pantheon.Promotion.Live;

/// <summary>What a live feature is to the network.</summary>
public enum LiveFeatureKind
{
    /// <summary>A raw integer id, a row of an embedding table.</summary>
    Id,

    /// <summary>Raw integer ids of the user's most recent items, newest first; 0 fills the places of a short history.</summary>
    History,

    /// <summary>Numbers as they are.</summary>
    Number,

    /// <summary>Non-negative numbers, of which the graph takes log(1 + x).</summary>
    Logarithm,

    /// <summary>Exposures, then how often each objective came of them, in the order of the labels.</summary>
    Counts,
}

/// <summary>A feature of the requests, as the gateway sends it.</summary>
/// <param name="Name">Its name on the wire.</param>
/// <param name="Side">Whether it comes once a request or once a candidate.</param>
/// <param name="Kind">What it is to the network.</param>
/// <param name="Width">Values for each row; of ids and counts it follows from the kind.</param>
/// <param name="Table">Of ids: the embedding table; null: one of its own, by the feature's name.</param>
/// <param name="Rows">Of ids: how many different ones the table has room for, at least 1; those that come later count as unknown.</param>
public sealed record LiveFeature(string Name, FeatureSide Side, LiveFeatureKind Kind, int Width = 1, string? Table = null, int Rows = 1 << 16)
{
    internal bool IsId => Kind is LiveFeatureKind.Id or LiveFeatureKind.History;

    internal string TableName => Table ?? Name;

    /// <summary>The schema of some features.</summary>
    /// <exception cref="ArgumentException">A name comes twice, or a number is out of its range.</exception>
    internal static FeatureSchema SchemaOf(IReadOnlyList<LiveFeature> features, IReadOnlyList<string> objectives)
    {
        var tables = new Dictionary<string, int>(StringComparer.Ordinal);
        var names = new HashSet<string>(StringComparer.Ordinal);
        for (var index = 0; index < features.Count; index++)
        {
            var feature = features[index];
            if (feature.Name.Length == 0 || !names.Add(feature.Name))
            {
                throw new ArgumentException($"features[{index}].name: got '{feature.Name}', expected a name that no other feature has");
            }

            if (feature.Width < 1 || feature.Rows < 1)
            {
                throw new ArgumentException($"features[{index}]: got a width of {feature.Width} and {feature.Rows} rows, expected at least 1 of each");
            }

            if (feature.Kind == LiveFeatureKind.History && feature.Side != FeatureSide.User)
            {
                throw new ArgumentException($"features[{index}].side: got {feature.Side} for a history, expected the user");
            }

            if (feature.IsId)
            {
                // Row 0 is for ids that have none.
                tables[feature.TableName] = Math.Max(tables.GetValueOrDefault(feature.TableName), 1 + feature.Rows);
            }
        }

        return features.Count == 0
            ? throw new ArgumentException("features: got none, expected those that the gateway sends")
            : new FeatureSchema(objectives, tables, [.. features.Select(Of)]);
    }

    private static Feature Of(LiveFeature feature) => feature.Kind switch
    {
        LiveFeatureKind.Id => new IdFeature(feature.Name, feature.Side, feature.TableName),
        LiveFeatureKind.History => new HistoryFeature(feature.Name, feature.TableName, feature.Width),
        LiveFeatureKind.Counts => new CountFeature(feature.Name, feature.Side),
        LiveFeatureKind.Logarithm => new DenseFeature(feature.Name, feature.Side, feature.Width, DenseTransform.Log1p),
        _ => new DenseFeature(feature.Name, feature.Side, feature.Width, DenseTransform.None),
    };
}

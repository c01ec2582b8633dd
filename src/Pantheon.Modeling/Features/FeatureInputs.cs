using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Modeling.Features;

/// <summary>The inputs of a graph for a schema: user features over one dimension, candidate features over another.</summary>
public sealed class FeatureInputs
{
    private readonly Dictionary<string, Tensor> _inputs;

    private FeatureInputs(FeatureSchema schema, Dictionary<string, Tensor> inputs) => (Schema, _inputs) = (schema, inputs);

    public FeatureSchema Schema { get; }

    public Tensor this[Feature feature] => _inputs[feature.Name];

    /// <summary>For training and offline scoring: a row has a user and an item, so both sides share the batch.</summary>
    public static FeatureInputs ForRows(GraphBuilder graph, FeatureSchema schema) => Declare(graph, schema, "batch", "batch");

    /// <summary>For serving: one user, many candidates.</summary>
    public static FeatureInputs ForRequests(GraphBuilder graph, FeatureSchema schema) => Declare(graph, schema, 1, "candidates");

    private static FeatureInputs Declare(GraphBuilder graph, FeatureSchema schema, Dimension users, Dimension candidates) => new(
        schema,
        schema.Features.ToDictionary(feature => feature.Name, feature => Declare(graph, feature, schema.Objectives.Count, feature.Side == FeatureSide.User ? users : candidates), StringComparer.Ordinal));

    private static Tensor Declare(GraphBuilder graph, Feature feature, int objectives, Dimension rows) => feature switch
    {
        IdFeature => graph.Input(feature.Name, OnnxElementType.Int64, rows),
        HistoryFeature history => graph.Input(feature.Name, OnnxElementType.Int64, rows, history.Length),
        DenseFeature dense => graph.Input(feature.Name, OnnxElementType.Float, rows, dense.Width),
        CountFeature => graph.Input(feature.Name, OnnxElementType.Float, rows, 1 + objectives),
        _ => throw new ArgumentException($"{feature.GetType().Name} is no feature that a graph can take", nameof(feature)),
    };
}

using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>
/// Walks everything inside a model: subgraphs in attributes, functions, training information. Recursion is bounded by the parser's own
/// limit on nested messages.
/// </summary>
internal static class ModelTraversal
{
    /// <summary>Every node, also those inside subgraphs and functions.</summary>
    public static IEnumerable<NodeProto> AllNodes(ModelProto model) =>
        Roots(model).SelectMany(AllGraphs).SelectMany(graph => graph.Node)
            .Concat(model.Functions.SelectMany(function => function.Node).SelectMany(WithInner));

    /// <summary>This graph and every graph inside its nodes' attributes.</summary>
    public static IEnumerable<GraphProto> AllGraphs(GraphProto graph) =>
        graph.Node.SelectMany(Subgraphs).SelectMany(AllGraphs).Prepend(graph);

    /// <summary>The graphs that a node's attributes hold (the branches of If, the body of Loop and Scan).</summary>
    public static IEnumerable<GraphProto> Subgraphs(NodeProto node) => node.Attribute.SelectMany(Subgraphs);

    /// <summary>Every tensor stored in the file: initializers, dense and sparse, and those in attributes.</summary>
    public static IEnumerable<TensorProto> AllTensors(ModelProto model)
    {
        var attributes = AllNodes(model).SelectMany(node => node.Attribute)
            .Concat(model.Functions.SelectMany(function => function.AttributeProto)).ToList();
        // The default of a function's attribute may be a graph too.
        var graphs = Roots(model)
            .Concat(model.Functions.SelectMany(function => function.Node).SelectMany(Subgraphs))
            .Concat(model.Functions.SelectMany(function => function.AttributeProto).SelectMany(Subgraphs))
            .SelectMany(AllGraphs);
        return graphs.SelectMany(graph => graph.Initializer.Concat(graph.SparseInitializer.SelectMany(Parts)))
            .Concat(attributes.SelectMany(TensorsOf));
    }

    private static IEnumerable<GraphProto> Roots(ModelProto model)
    {
        yield return model.Graph;
        foreach (var training in model.TrainingInfo)
        {
            if (training.Initialization is not null)
            {
                yield return training.Initialization;
            }

            if (training.Algorithm is not null)
            {
                yield return training.Algorithm;
            }
        }
    }

    private static IEnumerable<GraphProto> Subgraphs(AttributeProto attribute) =>
        attribute.G is null ? attribute.Graphs : attribute.Graphs.Prepend(attribute.G);

    private static IEnumerable<NodeProto> WithInner(NodeProto node) =>
        Subgraphs(node).SelectMany(AllGraphs).SelectMany(graph => graph.Node).Prepend(node);

    private static IEnumerable<TensorProto> TensorsOf(AttributeProto attribute)
    {
        var tensors = attribute.Tensors.Concat(attribute.SparseTensors.SelectMany(Parts));
        if (attribute.T is not null)
        {
            tensors = tensors.Append(attribute.T);
        }

        return attribute.SparseTensor is null ? tensors : tensors.Concat(Parts(attribute.SparseTensor));
    }

    private static IEnumerable<TensorProto> Parts(SparseTensorProto sparse) =>
        new[] { sparse.Values, sparse.Indices }.Where(part => part is not null);
}

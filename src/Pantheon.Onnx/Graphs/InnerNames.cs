using Google.Protobuf.Collections;
using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>Graphs whose own names leave room for what is built onto them.</summary>
public static class InnerNames
{
    /// <summary>
    /// Puts a prefix before the name of every value, weight and node but the inputs, subgraphs included, so that whatever does not begin
    /// with it is free. Outputs get it too. The given model is unchanged.
    /// </summary>
    /// <param name="model">A graph without external data, or one that is saved beside them again.</param>
    public static OnnxModel WithInnerPrefix(this OnnxModel model, string prefix)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentException.ThrowIfNullOrEmpty(prefix);
        var proto = model.Proto.Clone();
        var inputs = model.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        // An empty name is an optional input that was left out.
        string Named(string name) => name.Length == 0 || inputs.Contains(name) ? name : prefix + name;
        foreach (var graph in ModelTraversal.AllGraphs(proto.Graph).ToList())
        {
            foreach (var node in graph.Node)
            {
                node.Name = node.Name.Length == 0 ? "" : prefix + node.Name;
                Rename(node.Input, Named);
                Rename(node.Output, Named);
            }

            foreach (var value in graph.Input.Concat(graph.Output).Concat(graph.ValueInfo))
            {
                value.Name = Named(value.Name);
            }

            foreach (var tensor in graph.Initializer.Concat(graph.SparseInitializer.Select(sparse => sparse.Values).Where(values => values is not null)))
            {
                tensor.Name = Named(tensor.Name);
            }

            // Notes on names for tools; nothing is computed by them.
            graph.QuantizationAnnotation.Clear();
        }

        return new OnnxModel(proto);
    }

    private static void Rename(RepeatedField<string> names, Func<string, string> named)
    {
        for (var index = 0; index < names.Count; index++)
        {
            names[index] = named(names[index]);
        }
    }
}

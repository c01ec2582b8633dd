using Google.Protobuf.Collections;
using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>Takes an output and all that only it needs out of a graph.</summary>
public static class OutputRemoval
{
    /// <summary>
    /// Makes a model without an output, without the nodes and weights that no other output needs, and with that name free for another
    /// value. Inputs stay, used or not: they are what callers send. The given model is unchanged.
    /// </summary>
    /// <exception cref="OnnxFormatException">There is no such output, or it is the only one.</exception>
    public static OnnxModel Without(this OnnxModel model, string output)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (!model.Outputs.Any(other => other.Name == output) || model.Outputs.Count == 1)
        {
            throw new OnnxFormatException(
                $"output '{output}' cannot be taken out of a graph with the outputs {string.Join(", ", model.Outputs.Select(other => other.Name))}");
        }

        var proto = model.Proto.Clone();
        var graph = proto.Graph;
        Keep(graph.Output, other => other.Name != output);
        var needed = Needed(graph);
        Keep(graph.Node, node => node.Output.Any(needed.Contains));
        Keep(graph.Initializer, tensor => needed.Contains(tensor.Name));
        Keep(graph.SparseInitializer, sparse => sparse.Values is null || needed.Contains(sparse.Values.Name));
        Keep(graph.ValueInfo, value => needed.Contains(value.Name));
        if (needed.Contains(output))
        {
            Rename(graph, output);
        }

        return new OnnxModel(proto);
    }

    // Nodes come after those that make what they read, so one pass from the end finds all that the outputs need.
    private static HashSet<string> Needed(GraphProto graph)
    {
        var needed = graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        for (var index = graph.Node.Count - 1; index >= 0; index--)
        {
            var node = graph.Node[index];
            if (!node.Output.Any(needed.Contains))
            {
                continue;
            }

            // An empty name is an optional input that was left out.
            needed.UnionWith(node.Input.Where(name => name.Length > 0));
            foreach (var inner in ModelTraversal.Subgraphs(node).SelectMany(ModelTraversal.AllGraphs))
            {
                needed.UnionWith(inner.Node.SelectMany(part => part.Input).Where(name => name.Length > 0));
                needed.UnionWith(inner.Output.Select(value => value.Name));
            }
        }

        return needed;
    }

    private static void Rename(GraphProto graph, string name)
    {
        if (graph.Input.Any(input => input.Name == name))
        {
            throw new OnnxFormatException($"output '{name}' is an input too; its name cannot be given to another value");
        }

        var all = ModelTraversal.AllGraphs(graph).ToList();
        var taken = all.SelectMany(part => part.Node).SelectMany(node => node.Input.Concat(node.Output))
            .Concat(graph.Initializer.Select(tensor => tensor.Name)).Concat(graph.Input.Select(input => input.Name)).ToHashSet(StringComparer.Ordinal);
        var other = Enumerable.Range(0, int.MaxValue).Select(number => $"{name}/inner_{number}").First(free => !taken.Contains(free));
        foreach (var part in all)
        {
            foreach (var node in part.Node)
            {
                Replace(node.Input, name, other);
                Replace(node.Output, name, other);
            }

            foreach (var value in part.ValueInfo.Concat(part == graph ? [] : part.Output).Where(value => value.Name == name))
            {
                value.Name = other;
            }

            foreach (var tensor in part.Initializer.Where(tensor => tensor.Name == name))
            {
                tensor.Name = other;
            }
        }
    }

    private static void Replace(RepeatedField<string> names, string name, string other)
    {
        for (var index = 0; index < names.Count; index++)
        {
            if (names[index] == name)
            {
                names[index] = other;
            }
        }
    }

    private static void Keep<T>(IList<T> values, Func<T, bool> wanted)
    {
        for (var index = values.Count - 1; index >= 0; index--)
        {
            if (!wanted(values[index]))
            {
                values.RemoveAt(index);
            }
        }
    }
}

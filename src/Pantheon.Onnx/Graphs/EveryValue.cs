using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>Graphs that show what they compute on the way.</summary>
public static class EveryValue
{
    /// <summary>
    /// Makes every value that a node of the outermost graph makes an output too, its type and shape left for the runtime to find. For a
    /// look into a graph; ONNX Runtime can optimise little of it. The given model is unchanged.
    /// </summary>
    public static OnnxModel WithEveryValue(this OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        var proto = model.Proto.Clone();
        var there = proto.Graph.Output.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        proto.Graph.Output.AddRange(proto.Graph.Node.SelectMany(node => node.Output)
            .Where(name => name.Length > 0 && there.Add(name))
            .Select(name => new ValueInfoProto { Name = name }));
        return new OnnxModel(proto);
    }
}

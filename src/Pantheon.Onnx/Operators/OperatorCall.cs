using Pantheon.Onnx.Building;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Operators;

/// <summary>A node as the rules see it: its attributes, and its inputs as tensors (null where an optional one is left out).</summary>
internal class OperatorCall(GraphBuilder graph, NodeProto node, Tensor?[] inputs)
{
    public GraphBuilder Graph { get; } = graph;

    public NodeProto Node { get; } = node;

    public int InputCount => inputs.Length;

    public bool Has(int index) => index < inputs.Length && inputs[index] is not null;

    /// <summary>An input that must be there.</summary>
    public Tensor Input(int index) => Has(index) ? inputs[index]! : throw Refused($"input {index} is missing");

    /// <summary>An input's integers, which must be known before the graph runs.</summary>
    public long[] Integers(int index) => Graph.KnownIntegers(Input(index))
        ?? throw Refused($"input {index}, {Input(index)}, is only known when the graph runs; expected a constant");

    public long Attribute(string name, long otherwise) => Node.IntegerAttribute(name) ?? otherwise;

    public float Attribute(string name, float otherwise) => Node.AttributeNamed(name)?.F ?? otherwise;

    public long[]? Attributes(string name) => Node.AttributeNamed(name) is { } attribute ? [.. attribute.Ints] : null;

    /// <summary>An axis attribute or value counted from the front.</summary>
    public int Axis(long axis, int rank) => axis >= -rank && axis < rank
        ? (int)(axis < 0 ? axis + rank : axis)
        : throw Refused($"axis {axis} is not one of {rank} dimensions");

    public void Require(bool condition, string message)
    {
        if (!condition)
        {
            throw Refused(message);
        }
    }

    public void RequireFloats(Tensor input) => Require(
        input.ElementType is OnnxElementType.Float or OnnxElementType.Double or OnnxElementType.Float16 or OnnxElementType.BFloat16,
        $"its input is {input.ElementType}; expected floats");

    public GraphBuildException Refused(string message) =>
        new($"{Node.Describe()}: {message} (inputs: {string.Join(", ", inputs.Select(input => input?.ToString() ?? "none"))})");
}

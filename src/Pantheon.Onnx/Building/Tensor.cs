using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Building;

/// <summary>One value of a graph that is being built: its name, its type, and its shape with symbols for what a run decides.</summary>
public sealed class Tensor
{
    private readonly IReadOnlyList<Dimension>? _shape;

    internal Tensor(GraphBuilder graph, string name, OnnxElementType elementType, IReadOnlyList<Dimension>? shape)
    {
        Graph = graph;
        Name = name;
        ElementType = elementType;
        _shape = shape;
    }

    /// <summary>The graph that it belongs to.</summary>
    public GraphBuilder Graph { get; }

    /// <summary>The value's name in the file.</summary>
    public string Name { get; }

    public OnnxElementType ElementType { get; }

    /// <summary>Its dimensions, outermost first; empty for a scalar.</summary>
    /// <exception cref="GraphBuildException">Unknown: a loaded graph makes it with an operator whose shape rule we do not have.</exception>
    public IReadOnlyList<Dimension> Shape =>
        _shape ?? throw new GraphBuildException($"the shape of '{Name}' is not known; expected a value whose operators have shape rules");

    public int Rank => Shape.Count;

    internal bool HasShape => _shape is not null;

    /// <summary>The size of a dimension, which must be a fixed one; negative axes count from the end.</summary>
    internal long Size(int axis)
    {
        var dimension = Shape[axis < 0 ? axis + Rank : axis];
        return dimension.Value ?? throw new GraphBuildException($"dimension {axis} of {this} is open; expected a fixed size");
    }

    public override string ToString() =>
        $"'{Name}' {ElementType} {(_shape is null ? "of unknown shape" : $"[{string.Join(',', _shape)}]")}";

    public static Tensor operator +(Tensor left, Tensor right) => left.Graph.Apply("Add", left, right);

    public static Tensor operator -(Tensor left, Tensor right) => left.Graph.Apply("Sub", left, right);

    public static Tensor operator *(Tensor left, Tensor right) => left.Graph.Apply("Mul", left, right);

    public static Tensor operator /(Tensor left, Tensor right) => left.Graph.Apply("Div", left, right);

    public static Tensor operator -(Tensor value) => value.Graph.Apply("Neg", value);

    public static Tensor operator +(Tensor left, float right) => left + left.Graph.Constant(right);

    public static Tensor operator -(Tensor left, float right) => left - left.Graph.Constant(right);

    public static Tensor operator *(Tensor left, float right) => left * left.Graph.Constant(right);

    public static Tensor operator /(Tensor left, float right) => left / left.Graph.Constant(right);

    public static Tensor operator -(float left, Tensor right) => right.Graph.Constant(left) - right;

    public static Tensor operator *(float left, Tensor right) => right.Graph.Constant(left) * right;
}

using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Layers;

/// <summary>How a parameter begins.</summary>
public enum Initialization
{
    Zeros,
    Ones,

    /// <summary>Uniform in +-sqrt(6 / (rows + columns)): Glorot and Bengio 2010, for weights [inputs, outputs].</summary>
    Glorot,

    /// <summary>Normal with standard deviation 0.05: embeddings start near the mean, and of comparable size in every table.</summary>
    Embedding,
}

/// <summary>One parameter of a network.</summary>
/// <param name="Name">Its name in the graph.</param>
/// <param name="Shape">Fixed sizes, row-major.</param>
/// <param name="Initialization">How it begins.</param>
/// <param name="IsTable">Whether it is read by rows, and learned row by row.</param>
public sealed record ParameterSpec(string Name, IReadOnlyList<int> Shape, Initialization Initialization, bool IsTable)
{
    /// <summary>Number of floats.</summary>
    public int Length => Shape.Aggregate(1, (product, size) => checked(product * size));
}

/// <summary>Makes a network's parameters in a graph and keeps the list of them, in order of making.</summary>
public sealed class NetworkParameters(GraphBuilder graph)
{
    private readonly List<ParameterSpec> _specs = [];

    /// <summary>The graph that they are parameters of.</summary>
    public GraphBuilder Graph { get; } = graph;

    public IReadOnlyList<ParameterSpec> Specs => _specs;

    /// <summary>A parameter that every step changes.</summary>
    public Tensor Dense(string name, Initialization initialization, params int[] shape) => Add(name, initialization, isTable: false, shape);

    /// <summary>An embedding table: [rows, width].</summary>
    public Tensor Table(string name, int rows, int width) => Add(name, Initialization.Embedding, isTable: true, rows, width);

    private Tensor Add(string name, Initialization initialization, bool isTable, params int[] shape)
    {
        var tensor = Graph.Parameter(name, shape);
        _specs.Add(new ParameterSpec(tensor.Name, shape, initialization, isTable));
        return tensor;
    }
}

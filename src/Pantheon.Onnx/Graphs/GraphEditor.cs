using Google.Protobuf;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Graphs;

/// <summary>
/// Appends nodes to a copy of a model, of whatever operator set and without looking at shapes. Every name it makes begins with its prefix and is new in the whole file, subgraphs included.
/// </summary>
internal sealed class GraphEditor
{
    private readonly ModelProto _model;
    private readonly HashSet<string> _values;
    private readonly HashSet<string> _nodes;
    private readonly string _prefix;
    private int _made;

    public GraphEditor(OnnxModel model, string prefix)
    {
        _model = model.Proto.Clone();
        _prefix = prefix;
        var graphs = ModelTraversal.AllGraphs(_model.Graph).ToList();
        _values = graphs.SelectMany(ValueNames).ToHashSet(StringComparer.Ordinal);
        _nodes = graphs.SelectMany(graph => graph.Node).Select(node => node.Name).ToHashSet(StringComparer.Ordinal);
    }

    /// <summary>Whether the file already has a value of this name.</summary>
    public bool HasValue(string name) => _values.Contains(name);

    /// <summary>Appends a node of the default domain with one output.</summary>
    /// <param name="output">Its name; a new one if null.</param>
    /// <returns>The name of its output.</returns>
    public string Add(string operation, ReadOnlySpan<string> inputs, AttributeProto? attribute = null, string? output = null)
    {
        var node = new NodeProto { OpType = operation, Name = Unused(operation) };
        foreach (string input in inputs)
        {
            node.Input.Add(input);
        }

        if (attribute is not null)
        {
            node.Attribute.Add(attribute);
        }

        output ??= node.Name;
        node.Output.Add(output);
        _values.Add(output);
        _nodes.Add(node.Name);
        _model.Graph.Node.Add(node);
        return output;
    }

    public string AddConstant(double value) =>
        AddConstant(new TensorProto { DataType = (int)OnnxElementType.Double, DoubleData = { value } });

    public string AddConstant(long value) => AddConstant(new TensorProto { DataType = (int)OnnxElementType.Int64, Int64Data = { value } });

    /// <summary>A constant vector.</summary>
    public string AddConstant(ReadOnlySpan<long> values)
    {
        var tensor = new TensorProto { DataType = (int)OnnxElementType.Int64, Dims = { values.Length } };
        foreach (long value in values)
        {
            tensor.Int64Data.Add(value);
        }

        return AddConstant(tensor);
    }

    public string AddCast(string value, OnnxElementType type, string? output = null) =>
        Add("Cast", [value], Attributes.Integer("to", (long)type), output);

    /// <summary>Declares a value an output of the graph.</summary>
    public void AddOutput(string name, OnnxElementType type, ReadOnlySpan<Dimension> shape)
    {
        var dimensions = new TensorShapeProto();
        foreach (var dimension in shape)
        {
            dimensions.Dim.Add(dimension.ToProto());
        }

        _model.Graph.Output.Add(new ValueInfoProto
        {
            Name = name,
            Type = new TypeProto { TensorType = new TypeProto.Types.Tensor { ElemType = (int)type, Shape = dimensions } },
        });
    }

    /// <summary>The edited model; the editor is done with.</summary>
    public OnnxModel Build() => new(_model);

    private static IEnumerable<string> ValueNames(GraphProto graph) =>
        graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Select(value => value.Name)
            .Concat(graph.Initializer.Select(tensor => tensor.Name))
            .Concat(graph.SparseInitializer.Select(sparse => sparse.Values?.Name ?? ""))
            .Concat(graph.Node.SelectMany(node => node.Input.Concat(node.Output)));

    // A node, not an initializer: before IR version 4 an initializer would have to be an input too.
    private string AddConstant(TensorProto tensor) =>
        Add("Constant", [], new AttributeProto { Name = "value", Type = AttributeProto.Types.AttributeType.Tensor, T = tensor });

    private string Unused(string operation)
    {
        string name;
        do
        {
            name = $"{_prefix}/{operation}_{_made++}";
        }
        while (_values.Contains(name) || _nodes.Contains(name));
        return name;
    }
}

using System.Runtime.InteropServices;
using Google.Protobuf;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Building;

/// <summary>
/// An ONNX graph as a C# value: inputs, parameters and operators make <see cref="Tensor"/>s whose types and shapes are checked as
/// they are made. Operator set 17, IR version 8.
/// </summary>
/// <remarks>
/// Parameters are named float tensors that learning changes. <see cref="Build"/> writes them as inputs, to be bound to memory that an
/// optimizer owns, or as initializers with given values, for a file that is served.
/// </remarks>
public sealed class GraphBuilder
{
    private const long OperatorSet = 17;
    private const long Format = 8;

    private readonly GraphProto _graph = new();
    private readonly Dictionary<string, Tensor> _tensors = new(StringComparer.Ordinal);
    private readonly Dictionary<string, long[]> _integers = new(StringComparer.Ordinal);
    private readonly Dictionary<int, Tensor> _scalars = [];
    private readonly Dictionary<string, Tensor> _shapes = new(StringComparer.Ordinal);
    private readonly HashSet<string> _stopped = new(StringComparer.Ordinal);
    private readonly HashSet<string> _names = new(StringComparer.Ordinal);
    private readonly List<Tensor> _parameters = [];
    private readonly List<Tensor> _outputs = [];
    private readonly ModelProto? _loaded;
    private readonly Dictionary<string, int> _made = new(StringComparer.Ordinal);
    private string _scope = "";

    /// <summary>Begins an empty graph.</summary>
    public GraphBuilder(string name = "pantheon") => _graph.Name = name;

    private GraphBuilder(ModelProto model)
    {
        _loaded = model;
        _graph = model.Graph.Clone();
        // What its outputs are, the caller says anew.
        _graph.Output.Clear();
    }

    /// <summary>The parameters, in the order in which they were made.</summary>
    public IReadOnlyList<Tensor> Parameters => _parameters;

    /// <summary>Each node as text, in order: to compare two graphs.</summary>
    internal IEnumerable<string> NodeTexts => _graph.Node.Select(node => node.ToString());

    internal IReadOnlyList<NodeProto> Nodes => _graph.Node;

    /// <summary>
    /// Begins with a copy of a model that was made elsewhere: its values are there to be read by name and extended, and what the new
    /// outputs do not need is cut off by <see cref="Build"/>. Its weights stay initializers; they are not parameters.
    /// </summary>
    /// <exception cref="GraphBuildException">The model uses a newer operator set than <c>17</c>, or keeps weights in external data files.</exception>
    public static GraphBuilder From(OnnxModel model)
    {
        ArgumentNullException.ThrowIfNull(model);
        if (model.OpsetVersion is < 13 or > OperatorSet)
        {
            throw new GraphBuildException($"the model uses operator set {model.OpsetVersion}; expected 13 to {OperatorSet} (export it again)");
        }

        if (model.ExternalDataFiles.Count > 0)
        {
            throw new GraphBuildException($"the model keeps weights in '{model.ExternalDataFiles[0]}'; expected all of them in the file itself");
        }

        var builder = new GraphBuilder(model.Proto);
        builder.Adopt(model);
        return builder;
    }

    /// <summary>An input, fed by whoever runs the graph.</summary>
    public Tensor Input(string name, OnnxElementType type, params Dimension[] shape)
    {
        Claim(name);
        _graph.Input.Add(Describe(name, type, shape));
        return Register(name, type, shape);
    }

    /// <summary>A float parameter of fixed shape.</summary>
    /// <param name="name">Unique; prefixed by the open scopes.</param>
    public Tensor Parameter(string name, params int[] shape)
    {
        var full = _scope + name;
        Claim(full);
        var tensor = Register(full, OnnxElementType.Float, [.. shape.Select(size => (Dimension)size)]);
        _parameters.Add(tensor);
        return tensor;
    }

    /// <summary>A float scalar; equal ones are one value.</summary>
    public Tensor Constant(float value)
    {
        // By bits: 0 and -0 are equal as numbers and not in a quotient.
        var key = BitConverter.SingleToInt32Bits(value);
        if (!_scalars.TryGetValue(key, out var tensor))
        {
            _scalars[key] = tensor = Constant([value], []);
        }

        return tensor;
    }

    /// <summary>A float tensor, row-major.</summary>
    public Tensor Constant(ReadOnlySpan<float> values, params int[] shape)
    {
        var proto = new TensorProto { DataType = (int)OnnxElementType.Float, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        return Initializer(proto, OnnxElementType.Float, shape, values.Length);
    }

    /// <summary>An int64 vector.</summary>
    public Tensor Constant(params ReadOnlySpan<long> values) => Integers(values, [values.Length]);

    /// <summary>An int64 scalar.</summary>
    public Tensor IntegerConstant(long value) => Integers([value], []);

    /// <summary>
    /// Prefixes the names of parameters and nodes made until it is disposed, so that a graph viewer shows the network's parts.
    /// </summary>
    public IDisposable Scope(string name)
    {
        var before = _scope;
        _scope = $"{before}{name}/";
        return new ScopeEnd(this, before);
    }

    /// <summary>A value by its name in the file: an input, a parameter, or what a node makes.</summary>
    /// <exception cref="GraphBuildException">There is none of that name.</exception>
    public Tensor this[string name] => _tensors.TryGetValue(name, out var tensor)
        ? tensor
        : throw new GraphBuildException($"the graph has no value '{name}'");

    /// <summary>A value of which the caller knows type and shape, from a run say, where our rules and the file may not tell.</summary>
    /// <exception cref="GraphBuildException">There is none of that name.</exception>
    public Tensor Declare(string name, OnnxElementType type, params Dimension[] shape) => Register(this[name].Name, type, shape);

    /// <summary>Whether there is a value of this name.</summary>
    public bool Contains(string name) => _tensors.ContainsKey(name);

    /// <summary>Declares a value an output of the graph, under this name.</summary>
    /// <exception cref="GraphBuildException">The name is taken, or the value's type is not known.</exception>
    public Tensor Output(string name, Tensor value)
    {
        if (value.ElementType == OnnxElementType.Undefined)
        {
            throw new GraphBuildException($"output '{name}': the type of '{value.Name}' is not known; expected a value whose operators have rules, or whose type the file declares");
        }

        if (value.Name != name)
        {
            Claim(name);
            var node = new NodeProto { OpType = "Identity", Name = name };
            node.Input.Add(value.Name);
            node.Output.Add(name);
            _graph.Node.Add(node);
            value = Register(name, value.ElementType, value.HasShape ? value.Shape : null);
        }

        _outputs.Add(value);
        return value;
    }

    /// <summary>
    /// The file's messages: everything that the outputs need and nothing else.
    /// </summary>
    /// <param name="parameters">Values by parameter name, row-major, which become initializers; null: parameters are inputs.</param>
    /// <param name="keepInputs">Whether a loaded model's inputs stay that nothing needs any more, for callers who send them.</param>
    /// <exception cref="GraphBuildException">A needed parameter has no values, or of another length.</exception>
    public OnnxModel Build(Func<string, ReadOnlyMemory<float>>? parameters = null, bool keepInputs = false)
    {
        var needed = _outputs.Select(output => output.Name).ToHashSet(StringComparer.Ordinal);
        var nodes = new List<NodeProto>();
        for (var index = _graph.Node.Count - 1; index >= 0; index--)
        {
            var node = _graph.Node[index];
            if (node.Output.Any(needed.Contains))
            {
                nodes.Add(node);
                needed.UnionWith(node.Input);
                // What a branch captures from outside is an input of the node, though not listed as one.
                needed.UnionWith(ModelTraversal.Subgraphs(node).SelectMany(ModelTraversal.AllGraphs).SelectMany(
                    graph => graph.Node.SelectMany(inner => inner.Input).Concat(graph.Output.Select(output => output.Name))));
            }
        }

        nodes.Reverse();
        var graph = new GraphProto { Name = _graph.Name };
        graph.Node.AddRange(nodes);
        graph.Initializer.AddRange(_graph.Initializer.Where(tensor => needed.Contains(tensor.Name)));
        HashSet<string> kept = keepInputs && _loaded is not null ? [.. _loaded.Graph.Input.Select(input => input.Name)] : [];
        // Older files list their weights as inputs too: those stay only where they are needed.
        kept.ExceptWith(_graph.Initializer.Select(tensor => tensor.Name));
        graph.Input.AddRange(_graph.Input.Where(input => needed.Contains(input.Name) || kept.Contains(input.Name)));
        foreach (var parameter in _parameters.Where(parameter => needed.Contains(parameter.Name)))
        {
            if (parameters is null)
            {
                graph.Input.Add(Describe(parameter.Name, parameter.ElementType, parameter.Shape));
            }
            else
            {
                graph.Initializer.Add(Values(parameter, parameters(parameter.Name)));
            }
        }

        graph.Output.AddRange(_outputs.Select(output => Describe(output.Name, output.ElementType, output.HasShape ? output.Shape : null)));
        var model = new ModelProto { IrVersion = Format, ProducerName = "pantheon", Graph = graph };
        if (_loaded is null)
        {
            model.OpsetImport.Add(new OperatorSetIdProto { Version = OperatorSet });
        }
        else
        {
            // From 13 to 17 operators were added and types widened; the nodes that were there mean the same.
            model.OpsetImport.AddRange(_loaded.OpsetImport.Select(opset => opset.Clone()));
            model.OpsetImport.First(opset => ModelChecks.IsDefaultDomain(opset.Domain)).Version = OperatorSet;
            model.Functions.AddRange(_loaded.Functions);
            model.IrVersion = Math.Max(Format, _loaded.IrVersion);
        }

        return new OnnxModel(model);
    }

    /// <summary>Appends an operator with one output.</summary>
    internal Tensor Apply(string operation, params ReadOnlySpan<Tensor?> inputs) => Apply(operation, [], 1, inputs)[0];

    /// <summary>Appends an operator with attributes and one output.</summary>
    internal Tensor Apply(string operation, IReadOnlyList<AttributeProto> attributes, params ReadOnlySpan<Tensor?> inputs) =>
        Apply(operation, attributes, 1, inputs)[0];

    /// <summary>Appends an operator. Its types and shapes are checked by its rule.</summary>
    /// <exception cref="GraphBuildException">The operator is not known, or does not take these inputs.</exception>
    internal Tensor[] Apply(string operation, IReadOnlyList<AttributeProto> attributes, int outputs, params ReadOnlySpan<Tensor?> inputs)
    {
        var node = new NodeProto { OpType = operation, Name = Unused(operation) };
        node.Attribute.AddRange(attributes);
        foreach (var input in inputs)
        {
            if (input is not null && input.Graph != this)
            {
                throw new GraphBuildException($"{operation}: {input} belongs to another graph");
            }

            node.Input.Add(input?.Name ?? "");
        }

        var call = new OperatorCall(this, node, [.. inputs]);
        var inferred = OperatorTable.Named(node).Infer(call);
        var made = new Tensor[outputs];
        for (var index = 0; index < outputs; index++)
        {
            var name = outputs == 1 ? node.Name : $"{node.Name}:{index}";
            _names.Add(name);
            node.Output.Add(name);
            made[index] = Register(name, inferred[index].Type, inferred[index].Shape);
        }

        _graph.Node.Add(node);
        return made;
    }

    /// <summary>Adds an output that a node can give and did not give yet.</summary>
    internal Tensor AddNodeOutput(NodeProto node, int index, OnnxElementType type, IReadOnlyList<Dimension> shape)
    {
        while (node.Output.Count < index)
        {
            node.Output.Add("");
        }

        if (node.Output.Count > index)
        {
            if (node.Output[index].Length > 0)
            {
                return this[node.Output[index]];
            }

            node.Output[index] = Unused(node.OpType);
        }
        else
        {
            node.Output.Add(Unused(node.OpType));
        }

        return Register(node.Output[index], type, shape);
    }

    /// <summary>The same value, which no gradient passes (Pantheon Eq. 6).</summary>
    internal Tensor Stop(Tensor value)
    {
        var copy = Apply("Identity", value);
        _stopped.Add(copy.Name);
        return copy;
    }

    internal bool IsStopped(string name) => _stopped.Contains(name);

    /// <summary>The shape of a value as the run finds it: int64 [rank].</summary>
    internal Tensor ShapeOf(Tensor value)
    {
        var shape = Apply("Shape", value);
        _shapes[shape.Name] = value;
        return shape;
    }

    /// <summary>The tensor whose shape a value holds; null if it does not come from <see cref="ShapeOf"/>.</summary>
    internal Tensor? ShapeSource(Tensor value) => _shapes.GetValueOrDefault(value.Name);

    /// <summary>The same value, of which its maker knows a better shape than its operator's rule found.</summary>
    internal Tensor Retype(Tensor value, IReadOnlyList<Dimension> shape) => Register(value.Name, value.ElementType, shape);

    /// <summary>The integers that a value is known to hold; null if only a run tells.</summary>
    internal long[]? KnownIntegers(Tensor value) => _integers.GetValueOrDefault(value.Name);

    private Tensor Integers(ReadOnlySpan<long> values, int[] shape)
    {
        var proto = new TensorProto { DataType = (int)OnnxElementType.Int64, RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values)) };
        var tensor = Initializer(proto, OnnxElementType.Int64, shape, values.Length);
        _integers[tensor.Name] = values.ToArray();
        return tensor;
    }

    private Tensor Initializer(TensorProto proto, OnnxElementType type, int[] shape, int length)
    {
        var expected = shape.Aggregate(1L, (product, size) => product * size);
        if (expected != length)
        {
            throw new GraphBuildException($"a constant [{string.Join(',', shape)}] came with {length} values; expected {expected}");
        }

        proto.Name = Unused("constant");
        proto.Dims.AddRange(shape.Select(size => (long)size));
        _graph.Initializer.Add(proto);
        return Register(proto.Name, type, [.. shape.Select(size => (Dimension)size)]);
    }

    private static TensorProto Values(Tensor parameter, ReadOnlyMemory<float> values)
    {
        var expected = parameter.Shape.Aggregate(1L, (product, size) => product * size.Value!.Value);
        if (values.Length != expected)
        {
            throw new GraphBuildException($"parameter {parameter} came with {values.Length} values; expected {expected}");
        }

        var proto = new TensorProto
        {
            Name = parameter.Name,
            DataType = (int)OnnxElementType.Float,
            RawData = ByteString.CopyFrom(MemoryMarshal.AsBytes(values.Span)),
        };
        proto.Dims.AddRange(parameter.Shape.Select(size => size.Value!.Value));
        return proto;
    }

    private static ValueInfoProto Describe(string name, OnnxElementType type, IReadOnlyList<Dimension>? shape)
    {
        var tensor = new TypeProto.Types.Tensor { ElemType = (int)type };
        if (shape is not null)
        {
            tensor.Shape = new TensorShapeProto();
            foreach (var dimension in shape)
            {
                tensor.Shape.Dim.Add(dimension.ToProto());
            }
        }

        return new ValueInfoProto { Name = name, Type = new TypeProto { TensorType = tensor } };
    }

    private void Adopt(OnnxModel model)
    {
        foreach (var graph in ModelTraversal.AllGraphs(_graph))
        {
            _names.UnionWith(graph.Input.Concat(graph.Output).Concat(graph.ValueInfo).Select(value => value.Name));
            _names.UnionWith(graph.Initializer.Select(tensor => tensor.Name));
            _names.UnionWith(graph.Node.SelectMany(node => node.Output.Concat(node.Input).Append(node.Name)));
        }

        foreach (var tensor in _graph.Initializer)
        {
            Register(tensor.Name, (OnnxElementType)tensor.DataType, [.. tensor.Dims.Select(size => (Dimension)size)]);
            Remember(tensor.Name, tensor);
        }

        foreach (var input in model.Inputs)
        {
            Register(input.Name, input.ElementType, input.Shape);
        }

        // What the file itself declares is better than what we cannot infer.
        var declared = new Dictionary<string, TensorInfo>(StringComparer.Ordinal);
        foreach (var value in model.Outputs.Concat(_graph.ValueInfo.Select(TensorInfo.From)).Where(value => value.ElementType != OnnxElementType.NotATensor))
        {
            declared.TryAdd(value.Name, value);
        }

        foreach (var node in _graph.Node)
        {
            AdoptNode(node, declared);
        }
    }

    private void AdoptNode(NodeProto node, Dictionary<string, TensorInfo> declared)
    {
        if (node.OpType == "Constant" && node.AttributeNamed("value")?.T is { } value)
        {
            Register(node.Output[0], (OnnxElementType)value.DataType, [.. value.Dims.Select(size => (Dimension)size)]);
            Remember(node.Output[0], value);
            return;
        }

        IReadOnlyList<(OnnxElementType Type, IReadOnlyList<Dimension>? Shape)>? inferred = null;
        var inputs = node.Input.Select(name => name.Length == 0 ? null : _tensors.GetValueOrDefault(name)).ToArray();
        if (OperatorTable.Find(node) is { } rule && inputs.All(input => input is null or { HasShape: true }))
        {
            try
            {
                inferred = rule.Infer(new OperatorCall(this, node, inputs));
            }
            catch (GraphBuildException)
            {
                // A form of the operator that we do not make ourselves: its shape stays unknown.
            }
        }

        for (var index = 0; index < node.Output.Count; index++)
        {
            if (node.Output[index].Length > 0)
            {
                var (type, shape) = inferred is not null && index < inferred.Count ? inferred[index]
                    : declared.GetValueOrDefault(node.Output[index]) is { } stated ? (stated.ElementType, stated.Shape)
                    : (OnnxElementType.Undefined, null);
                Register(node.Output[index], type, shape);
            }
        }
    }

    private void Remember(string name, TensorProto tensor)
    {
        if (tensor.DataType == (int)OnnxElementType.Int64 && tensor.Dims.Count <= 1)
        {
            _integers[name] = tensor.RawData.IsEmpty ? [.. tensor.Int64Data] : MemoryMarshal.Cast<byte, long>(tensor.RawData.Span).ToArray();
        }
    }

    private Tensor Register(string name, OnnxElementType type, IReadOnlyList<Dimension>? shape)
    {
        _names.Add(name);
        return _tensors[name] = new Tensor(this, name, type, shape);
    }

    private void Claim(string name)
    {
        ArgumentException.ThrowIfNullOrEmpty(name);
        if (!_names.Add(name))
        {
            throw new GraphBuildException($"the graph already has a value named '{name}'; expected a new name");
        }
    }

    private string Unused(string what)
    {
        string name;
        do
        {
            var number = _made.GetValueOrDefault(_scope + what);
            _made[_scope + what] = number + 1;
            name = $"{_scope}{what}_{number}";
        }
        while (!_names.Add(name));
        return name;
    }

    private sealed class ScopeEnd(GraphBuilder builder, string before) : IDisposable
    {
        public void Dispose() => builder._scope = before;
    }
}

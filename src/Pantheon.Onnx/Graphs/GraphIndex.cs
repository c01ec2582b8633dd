using System.Buffers.Binary;
using System.Runtime.InteropServices;
using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>One place where a value is read: an input of a node, or a name that a node's subgraph captures.</summary>
/// <param name="Node">The node, of the outermost graph.</param>
/// <param name="Slot">Which of the node's inputs; <see cref="Captured"/> if one of its subgraphs reads the value by name.</param>
internal readonly record struct NodeUse(NodeProto Node, int Slot)
{
    public const int Captured = -1;
}

/// <summary>Who makes and who reads each value of a model's outermost graph.</summary>
internal sealed class GraphIndex
{
    private readonly Dictionary<string, NodeProto> _producers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, TensorProto> _initializers = new(StringComparer.Ordinal);
    private readonly Dictionary<string, List<NodeUse>> _uses = new(StringComparer.Ordinal);

    public GraphIndex(GraphProto graph)
    {
        Graph = graph;
        foreach (var tensor in graph.Initializer)
        {
            _initializers.TryAdd(tensor.Name, tensor);
        }

        foreach (var node in graph.Node)
        {
            foreach (string output in node.Output)
            {
                _producers.TryAdd(output, node);
            }

            for (int slot = 0; slot < node.Input.Count; slot++)
            {
                AddUse(node.Input[slot], new NodeUse(node, slot));
            }

            var inner = ModelTraversal.Subgraphs(node).SelectMany(ModelTraversal.AllGraphs);
            foreach (string captured in inner.SelectMany(ReadNames).Distinct(StringComparer.Ordinal))
            {
                AddUse(captured, new NodeUse(node, NodeUse.Captured));
            }
        }
    }

    public GraphProto Graph { get; }

    /// <summary>Every use of a value by a node, in the graph's order. That it is a graph output is not one of them.</summary>
    public IReadOnlyList<NodeUse> UsesOf(string value) => _uses.TryGetValue(value, out var uses) ? uses : [];

    /// <summary>The node that makes a value; null for inputs, initializers and names that nothing makes.</summary>
    public NodeProto? ProducerOf(string value) => _producers.GetValueOrDefault(value);

    public TensorProto? InitializerOf(string value) => _initializers.GetValueOrDefault(value);

    /// <summary>
    /// The integers of a constant int32 or int64 tensor, row-major; null if the value is not constant or lies in an external file.
    /// </summary>
    public long[]? ConstantIntegers(string value)
    {
        if (InitializerOf(value) is { } initializer)
        {
            return Integers(initializer);
        }

        if (ProducerOf(value) is not { OpType: "Constant", Attribute: [var attribute, ..] })
        {
            return null;
        }

        return attribute.Name switch
        {
            "value" => Integers(attribute.T),
            "value_ints" => [.. attribute.Ints],
            "value_int" => [attribute.I],
            _ => null,
        };
    }

    private static long[]? Integers(TensorProto? tensor) => tensor switch
    {
        null or { DataLocation: TensorProto.Types.DataLocation.External } => null,
        { DataType: (int)OnnxElementType.Int64, HasRawData: true } =>
            Elements<long>(tensor.RawData.Span, BinaryPrimitives.ReadInt64LittleEndian),
        { DataType: (int)OnnxElementType.Int32, HasRawData: true } =>
            Elements<int>(tensor.RawData.Span, static bytes => BinaryPrimitives.ReadInt32LittleEndian(bytes)),
        { DataType: (int)OnnxElementType.Int64 } => [.. tensor.Int64Data],
        { DataType: (int)OnnxElementType.Int32 } => [.. tensor.Int32Data],
        _ => null,
    };

    private static long[] Elements<T>(ReadOnlySpan<byte> bytes, Func<ReadOnlySpan<byte>, long> read)
        where T : unmanaged
    {
        int size = Marshal.SizeOf<T>();
        var elements = new long[bytes.Length / size];
        for (int index = 0; index < elements.Length; index++)
        {
            elements[index] = read(bytes[(index * size)..]);
        }

        return elements;
    }

    /// <summary>Names read inside a subgraph. Those it makes itself are among them, which costs nothing: ONNX forbids shadowing.</summary>
    private static IEnumerable<string> ReadNames(GraphProto graph) =>
        graph.Node.SelectMany(node => node.Input).Concat(graph.Output.Select(output => output.Name));

    private void AddUse(string value, NodeUse use)
    {
        // An empty name is an optional input that was left out.
        if (value.Length == 0)
        {
            return;
        }

        ref var uses = ref CollectionsMarshal.GetValueRefOrAddDefault(_uses, value, out _);
        (uses ??= []).Add(use);
    }
}

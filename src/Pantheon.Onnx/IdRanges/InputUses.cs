using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.IdRanges;

/// <summary>A Gather that an input's elements reach unchanged.</summary>
/// <param name="Node">The Gather.</param>
/// <param name="Table">Name and rows of what it reads; null if the file does not fix the size.</param>
/// <param name="Largest">The largest element that is a position in the table and passes every Cast on the way unchanged.</param>
/// <param name="IsPart">Whether only some of the input's elements are known to come this way.</param>
internal sealed record ReachedTable(NodeProto Node, (long Rows, string Name)? Table, long Largest, bool IsPart);

/// <summary>Where the elements of one input go while nothing changes them, and where that ends.</summary>
internal sealed class InputUses
{
    private readonly GraphIndex _graph;
    private readonly HashSet<(string Value, long Largest, bool IsPart)> _seen = [];
    private readonly HashSet<NodeUse> _seenOthers = [];
    private readonly Queue<(string Value, long Largest, bool IsPart)> _open = new();

    public InputUses(GraphIndex graph, TensorInfo input)
    {
        _graph = graph;
        Follow(input.Name, ValueFlows.LargestOf((long)input.ElementType) ?? long.MaxValue, isPart: false);
        while (_open.TryDequeue(out var next))
        {
            foreach (var use in graph.UsesOf(next.Value))
            {
                Visit(use, next.Largest, next.IsPart);
            }
        }
    }

    public List<ReachedTable> Tables { get; } = [];

    /// <summary>Uses that are not followed, each once.</summary>
    public List<NodeUse> Others { get; } = [];

    private void Visit(NodeUse use, long largest, bool isPart)
    {
        var node = use.Node;
        switch (ValueFlows.At(use, _graph))
        {
            case ValueFlow.Index:
                var table = TableShape.RowsOf(_graph, node.Input[0], node.IntegerAttribute("axis") ?? 0);
                Tables.Add(new ReachedTable(node, table, Math.Min(largest, (table?.Rows ?? 0) - 1), isPart));
                break;
            case ValueFlow.Whole:
                long passes = node.OpType == "Cast" ? ValueFlows.LargestOf(node.IntegerAttribute("to")) ?? largest : largest;
                FollowOutputs(node, Math.Min(largest, passes), isPart);
                break;
            case ValueFlow.Part:
                FollowOutputs(node, largest, isPart: true);
                break;
            case ValueFlow.Other when _seenOthers.Add(use):
                Others.Add(use);
                break;
            default:
                break;
        }
    }

    private void FollowOutputs(NodeProto node, long largest, bool isPart)
    {
        foreach (string output in node.Output)
        {
            Follow(output, largest, isPart);
        }
    }

    private void Follow(string value, long largest, bool isPart)
    {
        if (value.Length > 0 && _seen.Add((value, largest, isPart)))
        {
            _open.Enqueue((value, largest, isPart));
        }
    }
}

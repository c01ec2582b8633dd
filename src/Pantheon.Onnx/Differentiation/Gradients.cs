using Pantheon.Onnx.Building;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Differentiation;

/// <summary>
/// Reverse-mode differentiation: appends to a graph the nodes that compute the gradients of one scalar, so that one run gives the loss
/// and all of them.
/// </summary>
public static class Gradients
{
    /// <summary>The gradients of a loss.</summary>
    /// <param name="loss">Float, one element.</param>
    /// <param name="parameters">With respect to what: float values of the graph.</param>
    /// <param name="tables">
    /// Which of them are tables that are read by rows: their gradient is given as the rows that were read with a gradient each, one pair
    /// for each Gather, instead of a tensor that is zero nearly everywhere.
    /// </param>
    /// <exception cref="GraphBuildException">
    /// An operator on the way has no gradient rule, or a table is used in another way than by Gather along axis 0; the message names it.
    /// </exception>
    public static IReadOnlyList<Gradient> Of(Tensor loss, IReadOnlyList<Tensor> parameters, IReadOnlySet<Tensor>? tables = null)
    {
        ArgumentNullException.ThrowIfNull(loss);
        ArgumentNullException.ThrowIfNull(parameters);
        if (loss.ElementType != OnnxElementType.Float || loss.Shape.Any(size => size.Value != 1))
        {
            throw new GraphBuildException($"the loss is {loss}; expected Float with one element");
        }

        return new Backward(loss.Graph, tables ?? new HashSet<Tensor>()).Run(loss, loss.Graph.Constant([1f], [.. loss.Shape.Select(_ => 1)]), parameters);
    }

    /// <summary>
    /// The gradients of a loss that the graph does not compute: given its gradient with respect to one value (a sorting loss, say, whose
    /// derivative is found in C#), those with respect to the parameters behind it.
    /// </summary>
    /// <param name="value">The value at which the graph is cut.</param>
    /// <param name="seed">The loss's gradient with respect to it, of its shape; usually an input.</param>
    /// <inheritdoc cref="Of(Tensor, IReadOnlyList{Tensor}, IReadOnlySet{Tensor})" path="/param"/>
    public static IReadOnlyList<Gradient> Of(Tensor value, Tensor seed, IReadOnlyList<Tensor> parameters, IReadOnlySet<Tensor>? tables = null)
    {
        ArgumentNullException.ThrowIfNull(value);
        ArgumentNullException.ThrowIfNull(seed);
        if (!seed.Shape.SequenceEqual(value.Shape) || seed.ElementType != value.ElementType)
        {
            throw new GraphBuildException($"the seed is {seed}; expected the type and shape of {value}");
        }

        return new Backward(value.Graph, tables ?? new HashSet<Tensor>()).Run(value, seed, parameters);
    }

    private sealed class Backward(GraphBuilder graph, IReadOnlySet<Tensor> tables)
    {
        private readonly Dictionary<string, Tensor> _gradients = new(StringComparer.Ordinal);
        private readonly HashSet<string> _tables = tables.Select(table => table.Name).ToHashSet(StringComparer.Ordinal);
        private readonly Dictionary<string, List<RowGradient>> _rows = tables.ToDictionary(table => table.Name, _ => new List<RowGradient>(), StringComparer.Ordinal);

        public IReadOnlyList<Gradient> Run(Tensor end, Tensor seed, IReadOnlyList<Tensor> parameters)
        {
            // The nodes that were there before any of ours are added, and of those the ones that a parameter reaches.
            var nodes = graph.Nodes.ToArray();
            var reached = parameters.Select(parameter => parameter.Name).ToHashSet(StringComparer.Ordinal);
            var between = new bool[nodes.Length];
            for (var index = 0; index < nodes.Length; index++)
            {
                if (nodes[index].Input.Any(reached.Contains) && !nodes[index].Output.Any(graph.IsStopped))
                {
                    between[index] = true;
                    reached.UnionWith(nodes[index].Output);
                }
            }

            _gradients[end.Name] = seed;
            using (graph.Scope("gradients"))
            {
                for (var index = nodes.Length - 1; index >= 0; index--)
                {
                    if (between[index] && nodes[index].Output.Any(_gradients.ContainsKey))
                    {
                        Pass(nodes[index], reached);
                    }
                }
            }

            return [.. parameters.Select(Of)];
        }

        private void Pass(NodeProto node, HashSet<string> reached)
        {
            var inputs = node.Input.Select(name => name.Length == 0 ? null : graph[name]).ToArray();
            if (node.Input.FirstOrDefault(_tables.Contains) is { } table)
            {
                PassTable(node, inputs, table);
                return;
            }

            var outputs = node.Output.Select(name => graph[name]).ToArray();
            var gradients = node.Output.Select(_gradients.GetValueOrDefault).ToArray();
            var rule = OperatorTable.Named(node).Differentiate
                ?? throw new GraphBuildException($"{node.Describe()}: this operator has no gradient rule");
            var found = rule(new BackwardCall(graph, node, inputs, outputs, gradients));
            for (var index = 0; index < found.Length && index < inputs.Length; index++)
            {
                if (found[index] is { } gradient && inputs[index] is { } input && reached.Contains(input.Name))
                {
                    _gradients[input.Name] = _gradients.TryGetValue(input.Name, out var sum) ? sum + gradient : gradient;
                }
            }
        }

        private void PassTable(NodeProto node, Tensor?[] inputs, string table)
        {
            if (node.OpType != "Gather" || node.Input[0] != table || (node.IntegerAttribute("axis") ?? 0) != 0 || inputs[0]!.Rank != 2)
            {
                throw new GraphBuildException($"{node.Describe()}: the table '{table}' is used in another way than by Gather of its rows");
            }

            // The shape of the rows, whatever shape the ids have.
            var gradient = _gradients[node.Output[0]];
            _rows[table].Add(new RowGradient(inputs[1]!, gradient.Reshape(-1, inputs[0]!.Size(1))));
        }

        private Gradient Of(Tensor parameter) => _tables.Contains(parameter.Name)
            ? new Gradient(parameter, null, _rows[parameter.Name])
            : new Gradient(parameter, _gradients.GetValueOrDefault(parameter.Name), []);
    }
}

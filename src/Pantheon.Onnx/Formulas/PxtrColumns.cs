using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Formulas;

/// <summary>
/// Where a graph has the Pxtrs of each objective: in the columns of one output <c>[n, M]</c>, or in M outputs of <c>[n]</c> or
/// <c>[n, 1]</c> in the objectives' order.
/// </summary>
internal sealed class PxtrColumns
{
    private readonly TensorInfo[] _outputs;
    private readonly IReadOnlyList<string> _objectives;

    /// <exception cref="FormulaException">The outputs are not there or not of such a type and shape.</exception>
    public PxtrColumns(OnnxModel model, IReadOnlyList<string> names, IReadOnlyList<string> objectives)
    {
        _objectives = objectives;
        _outputs = [.. names.Select(name => OutputOf(model, name))];
        if (_outputs.Length != 1 && _outputs.Length != objectives.Count)
        {
            throw new FormulaException(
                $"{_outputs.Length} Pxtr outputs came for {objectives.Count} objectives; expected one output for all, or one for each");
        }

        if (names.Distinct(StringComparer.Ordinal).Count() != names.Count)
        {
            throw new FormulaException("one Pxtr output came twice; expected a different one for each objective");
        }

        foreach (var output in _outputs)
        {
            Check(output);
        }

        // Symbols may differ where an exporter names each output's dimension anew; sizes may not.
        var sizes = _outputs.Select(output => output.Shape![0]).Where(first => first.Value is not null).Distinct().ToList();
        if (sizes.Count > 1)
        {
            throw new FormulaException($"the Pxtr outputs have {string.Join(" and ", sizes)} rows; expected as many in each");
        }
    }

    /// <summary>The dimension of the candidates.</summary>
    public Dimension Candidates => _outputs[0].Shape![0];

    private int Columns => _outputs.Length == 1 ? _objectives.Count : 1;

    /// <summary>Appends what makes the double vector <c>[n]</c> of one objective.</summary>
    public string Append(GraphEditor graph, int objective)
    {
        var output = _outputs.Length == 1 ? _outputs[0] : _outputs[objective];
        string value = output.Name;
        if (output.Shape!.Count == 2)
        {
            // A size that the file leaves open could be another one; this makes the run fail then, instead of taking the wrong columns.
            if (output.Shape[1].Value is null)
            {
                value = graph.Add("Reshape", [value, graph.AddConstant([0, Columns])]);
            }

            // By one scalar position, which drops the axis: the same in every operator set, unlike Slice and Squeeze.
            long column = _outputs.Length == 1 ? objective : 0;
            value = graph.Add("Gather", [value, graph.AddConstant(column)], Attributes.Integer("axis", 1));
        }

        return graph.AddCast(value, OnnxElementType.Double);
    }

    private static TensorInfo OutputOf(OnnxModel model, string name) =>
        model.Outputs.FirstOrDefault(output => output.Name == name)
        ?? throw new FormulaException(
            $"the graph has no output '{name}' for the Pxtrs; " +
            $"expected one of {string.Join(", ", model.Outputs.Select(output => output.Name))}");

    private void Check(TensorInfo output)
    {
        string expected = Columns == 1
            ? "expected Float [n] or [n,1]"
            : $"expected Float [n,{Columns}], a column for each of {string.Join(", ", _objectives)}";
        bool fits = output is { ElementType: OnnxElementType.Float, Shape: not null } && output.Shape.Count switch
        {
            1 => Columns == 1,
            2 => output.Shape[1].Value is null || output.Shape[1].Value == Columns,
            _ => false,
        };
        if (!fits)
        {
            throw new FormulaException($"Pxtr output '{output.Name}' is {output.Description}; {expected}");
        }
    }
}

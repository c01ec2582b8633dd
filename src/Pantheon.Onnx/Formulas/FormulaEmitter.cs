using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Formulas;

/// <summary>
/// Appends a formula's nodes to a graph. They compute in double: a fused score of small Pxtrs near 1 would lose most of their digits
/// in float, and at a few hundred candidates the cost is not seen.
/// </summary>
internal sealed class FormulaEmitter(GraphEditor graph, PxtrColumns pxtrs)
{
    private readonly Dictionary<int, string> _objectives = [];

    // By bits: 0 and -0 are equal as keys and not in a quotient.
    private readonly Dictionary<long, string> _numbers = [];

    /// <summary>Appends an expression and gives the name of its value: double <c>[n]</c>, or a scalar for a number.</summary>
    public string Emit(Expression expression) => expression switch
    {
        Expression.Number number => Number(number.Value),
        Expression.Objective objective => Objective(objective.Index),
        Expression.Unary unary => graph.Add(unary.Operation.Operator(), [Emit(unary.Operand)]),
        Expression.Binary binary => graph.Add(binary.Operation.Operator(), [Emit(binary.Left), Emit(binary.Right)]),
        _ => throw new ArgumentException("not an expression of a formula", nameof(expression)),
    };

    private string Number(double value)
    {
        long bits = BitConverter.DoubleToInt64Bits(value);
        if (!_numbers.TryGetValue(bits, out string? name))
        {
            _numbers[bits] = name = graph.AddConstant(value);
        }

        return name;
    }

    private string Objective(int index)
    {
        if (!_objectives.TryGetValue(index, out string? name))
        {
            _objectives[index] = name = pxtrs.Append(graph, index);
        }

        return name;
    }
}

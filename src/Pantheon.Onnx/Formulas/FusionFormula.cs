using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Formulas;

/// <summary>
/// A hand-written fusion of Pxtrs into one score, such as <c>(1+is_click)^1.0 * (1+long_view)^0.5</c>: the baseline that Pantheon
/// replaces, and what a graph without a fused score is served with.
/// </summary>
/// <remarks>
/// Operators <c>+ - * / ^</c> with the precedence of mathematics (<c>^</c> binds tightest and to the right, then the sign), parentheses,
/// numbers, objectives by name (in double quotes, single quotes or backticks if the name is more than letters, digits and underscores, or
/// begins with a digit), and the functions log (natural), exp, sqrt, sigmoid, min(a, b), max(a, b).
/// </remarks>
public sealed class FusionFormula
{
    private const int MinimumOpset = 9;

    private readonly Expression _expression;

    private FusionFormula(string text, IReadOnlyList<string> objectives, Expression expression)
    {
        Text = text;
        Objectives = objectives;
        _expression = expression;
    }

    /// <summary>The formula as written.</summary>
    public string Text { get; }

    /// <summary>All objectives of the model in order, those too that the formula does not use.</summary>
    public IReadOnlyList<string> Objectives { get; }

    /// <summary>Reads a formula over these objectives.</summary>
    /// <exception cref="FormulaException">It cannot be read; the message says where, what came and what was expected.</exception>
    public static FusionFormula Parse(string text, IReadOnlyList<string> objectives)
    {
        ArgumentNullException.ThrowIfNull(text);
        ArgumentNullException.ThrowIfNull(objectives);
        string[] names = [.. objectives];
        if (names.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } repeated)
        {
            throw new FormulaException($"objective '{repeated.Key}' is listed twice; expected each once");
        }

        var expression = FormulaParser.Parse(text, names);
        return expression is Expression.Number number
            ? throw new FormulaException($"the formula is {number.Value} whatever the Pxtrs are; expected one that uses an objective")
            : new FusionFormula(text, names, expression);
    }

    /// <summary>
    /// Makes a model that also gives the fused score: float <c>[n]</c>, a new output after those there are. The given model is unchanged.
    /// </summary>
    /// <param name="model">A graph of operator set 9 or newer that gives the Pxtrs as float.</param>
    /// <param name="pxtrOutputs">One output <c>[n, M]</c>, or M outputs of <c>[n]</c> or <c>[n, 1]</c>, in the objectives' order.</param>
    /// <param name="scoreName">Name of the new output.</param>
    /// <exception cref="FormulaException">The graph does not fit; the message says what came and what was expected.</exception>
    public OnnxModel AppendTo(OnnxModel model, IReadOnlyList<string> pxtrOutputs, string scoreName)
    {
        ArgumentNullException.ThrowIfNull(model);
        ArgumentNullException.ThrowIfNull(pxtrOutputs);
        ArgumentException.ThrowIfNullOrEmpty(scoreName);
        if (model.OpsetVersion < MinimumOpset)
        {
            throw new FormulaException(
                $"the model uses operator set {model.OpsetVersion}; expected {MinimumOpset} or newer (export the model again)");
        }

        var pxtrs = new PxtrColumns(model, pxtrOutputs, Objectives);
        var graph = new GraphEditor(model, scoreName);
        if (graph.HasValue(scoreName))
        {
            throw new FormulaException($"the graph already has a value named '{scoreName}'; expected a new name for the score");
        }

        string fused = new FormulaEmitter(graph, pxtrs).Emit(_expression);
        graph.AddCast(fused, OnnxElementType.Float, scoreName);
        graph.AddOutput(scoreName, OnnxElementType.Float, [pxtrs.Candidates]);
        return graph.Build();
    }

    /// <summary>The score of one candidate, in double: what the appended nodes compute, for reference and for searching weights.</summary>
    /// <param name="pxtrs">The Pxtr of each objective, in order.</param>
    public double Evaluate(ReadOnlySpan<double> pxtrs) => pxtrs.Length == Objectives.Count
        ? Evaluate(_expression, pxtrs)
        : throw new ArgumentException($"{pxtrs.Length} Pxtrs came; expected {Objectives.Count}", nameof(pxtrs));

    private static double Evaluate(Expression expression, ReadOnlySpan<double> pxtrs) => expression switch
    {
        Expression.Number number => number.Value,
        Expression.Objective objective => pxtrs[objective.Index],
        Expression.Unary unary => unary.Operation.Apply(Evaluate(unary.Operand, pxtrs)),
        Expression.Binary binary => binary.Operation.Apply(Evaluate(binary.Left, pxtrs), Evaluate(binary.Right, pxtrs)),
        _ => throw new ArgumentException("not an expression of a formula", nameof(expression)),
    };
}

using Pantheon.Onnx.Building;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Operators;

/// <summary>What an operator makes of its inputs, as types and shapes. Checks that it takes them.</summary>
internal delegate IReadOnlyList<(OnnxElementType Type, IReadOnlyList<Dimension>? Shape)> InferenceRule(OperatorCall call);

/// <summary>
/// The gradients of the loss with respect to each input, given those with respect to the outputs. Null: none flows there (integers,
/// conditions, shapes). What nobody uses is cut off later, so a rule need not ask which inputs matter.
/// </summary>
internal delegate Tensor?[] GradientRule(BackwardCall call);

/// <summary>What we know of one operator of the default domain.</summary>
/// <param name="Infer">Types and shapes.</param>
/// <param name="Differentiate">Null: it has no gradient rule, and differentiating it is an error that names it.</param>
internal sealed record Operator(InferenceRule Infer, GradientRule? Differentiate = null);

/// <summary>The operators that we build, infer and differentiate; definitions as in the ONNX operator schemas, operator set 17.</summary>
internal static class OperatorTable
{
    private static readonly Dictionary<string, Operator> s_operators = new[]
    {
        Elementwise.Operators, LinearAlgebra.Operators, Rearrangements.Operators, Reductions.Operators, Normalisations.Operators,
        Lookups.Operators,
    }.SelectMany(family => family).ToDictionary(StringComparer.Ordinal);

    public static Operator? Find(NodeProto node) =>
        ModelChecks.IsDefaultDomain(node.Domain) ? s_operators.GetValueOrDefault(node.OpType) : null;

    public static Operator Named(NodeProto node) =>
        Find(node) ?? throw new GraphBuildException($"{node.Describe()}: no rule for this operator");
}

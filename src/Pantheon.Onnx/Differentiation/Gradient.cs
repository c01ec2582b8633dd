using Pantheon.Onnx.Building;

namespace Pantheon.Onnx.Differentiation;

/// <summary>The gradient with respect to one parameter.</summary>
/// <param name="Parameter">With respect to what.</param>
/// <param name="Dense">Of the parameter's shape; null if it is a table, or if the loss does not depend on it.</param>
/// <param name="Rows">For a table: one entry for each place that reads it. A row may come several times; its gradients add up.</param>
public sealed record Gradient(Tensor Parameter, Tensor? Dense, IReadOnlyList<RowGradient> Rows);

/// <summary>The gradients of the rows that one Gather read.</summary>
/// <param name="Ids">Integers of any shape, n in all: which rows.</param>
/// <param name="Values">float [n, width]: the gradient of each, in the order of the ids.</param>
public sealed record RowGradient(Tensor Ids, Tensor Values);

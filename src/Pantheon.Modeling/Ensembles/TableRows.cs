using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Ensembles;

/// <summary>Rows to look up in a table of a head's own.</summary>
/// <param name="Rows">int64 [n].</param>
/// <param name="Count">How many rows the table has.</param>
public sealed record TableRows(Tensor Rows, int Count);

using System.Numerics.Tensors;

namespace Pantheon.Learning.Search;

/// <summary>
/// Scores all rows by one formula of a family, fast enough for hundreds of trials: logarithms are taken once, so that a trial is one
/// weighted sum of columns. For a product it gives the product's logarithm, which ranks alike.
/// </summary>
public sealed class FormulaScorer
{
    // Rows of scores that stay in the first cache while the columns pass.
    private const int Block = 4096;
    private readonly float[][] _columns;

    internal FormulaScorer(FormulaFamily family, PxtrTable pxtrs)
    {
        _columns = new float[pxtrs.Columns.Count][];
        for (int objective = 0; objective < _columns.Length; objective++)
        {
            float[] column = pxtrs.Columns[objective];
            _columns[objective] = family == FormulaFamily.LinearSum ? column : new float[column.Length];
            for (int row = 0; row < column.Length && family != FormulaFamily.LinearSum; row++)
            {
                // In double: 1 + p would drop most digits of a small p in float.
                _columns[objective][row] = (float)(family == FormulaFamily.OnePlusProduct
                    ? Math.Log(1 + (double)column[row])
                    : Math.Log(Math.Max(column[row], FormulaSpace.Floor)));
            }
        }
    }

    /// <summary>Rows to score.</summary>
    public int Rows => _columns[0].Length;

    /// <param name="parameters">One for each objective.</param>
    /// <param name="scores">Filled, <c>[n]</c>.</param>
    /// <exception cref="ArgumentException">Lengths differ.</exception>
    public void Score(IReadOnlyList<double> parameters, Span<float> scores)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        if (parameters.Count != _columns.Length || scores.Length != Rows)
        {
            throw new ArgumentException(
                $"{parameters.Count} parameters and {scores.Length} scores came; expected {_columns.Length} and {Rows}",
                nameof(parameters));
        }

        for (int start = 0; start < scores.Length; start += Block)
        {
            var block = scores.Slice(start, Math.Min(Block, scores.Length - start));
            TensorPrimitives.Multiply(_columns[0].AsSpan(start, block.Length), (float)parameters[0], block);
            for (int objective = 1; objective < _columns.Length; objective++)
            {
                TensorPrimitives.MultiplyAdd(
                    _columns[objective].AsSpan(start, block.Length), (float)parameters[objective], block, block);
            }
        }
    }
}

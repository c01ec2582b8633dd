namespace Pantheon.Onnx.Formulas;

/// <summary>
/// A fusion formula cannot be read, or cannot be appended to the graph at hand. The message names what came and what was expected.
/// </summary>
public sealed class FormulaException : Exception
{
    public FormulaException(string message) : base(message)
    {
    }

    public FormulaException(int position, string message) : base($"position {position}: {message}") => Position = position;

    /// <summary>Where in the formula, counted in characters from 1; null if the formula is sound and the graph does not fit it.</summary>
    public int? Position { get; }
}

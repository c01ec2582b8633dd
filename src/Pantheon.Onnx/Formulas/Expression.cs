namespace Pantheon.Onnx.Formulas;

/// <summary>A formula as a tree. Its depth is bounded by the parser, so that walking it may recurse.</summary>
internal abstract record Expression
{
    private Expression()
    {
    }

    public sealed record Number(double Value) : Expression;

    /// <summary>The Pxtr of one objective.</summary>
    /// <param name="Index">The objective's place in the model's list.</param>
    public sealed record Objective(int Index) : Expression;

    public sealed record Unary(UnaryOperation Operation, Expression Operand) : Expression;

    public sealed record Binary(BinaryOperation Operation, Expression Left, Expression Right) : Expression;
}

/// <summary>Operations of one operand; each is named like its ONNX operator, spelt out in <see cref="Operations"/>.</summary>
internal enum UnaryOperation
{
    Negate,
    Log,
    Exp,
    Sqrt,
    Sigmoid,
}

internal enum BinaryOperation
{
    Add,
    Subtract,
    Multiply,
    Divide,
    Power,
    Min,
    Max,
}

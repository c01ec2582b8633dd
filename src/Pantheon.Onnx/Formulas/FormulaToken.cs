namespace Pantheon.Onnx.Formulas;

internal enum TokenKind
{
    End,
    Number,

    /// <summary>A bare name: a function or an objective.</summary>
    Name,

    /// <summary>A name in quotes or backticks: always an objective.</summary>
    QuotedName,

    /// <summary>One of <c>+ - * / ^ ( ) ,</c>.</summary>
    Symbol,
}

/// <summary>One word of a formula.</summary>
/// <param name="Position">Of its first character, from 1.</param>
/// <param name="Text">As written, but a quoted name without its quotes.</param>
internal readonly record struct FormulaToken(TokenKind Kind, int Position, string Text, double Number = 0)
{
    public bool Is(char symbol) => Kind == TokenKind.Symbol && Text[0] == symbol;

    /// <summary>For messages.</summary>
    public string Description => Kind == TokenKind.End ? "the end of the formula" : $"'{Text}'";
}

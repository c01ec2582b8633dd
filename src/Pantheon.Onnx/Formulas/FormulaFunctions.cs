namespace Pantheon.Onnx.Formulas;

/// <summary>The functions that a formula may call, by name.</summary>
internal static class FormulaFunctions
{
    private static readonly (string Name, UnaryOperation? Unary, BinaryOperation? Binary)[] All =
    [
        ("log", UnaryOperation.Log, null),
        ("exp", UnaryOperation.Exp, null),
        ("sqrt", UnaryOperation.Sqrt, null),
        ("sigmoid", UnaryOperation.Sigmoid, null),
        ("min", null, BinaryOperation.Min),
        ("max", null, BinaryOperation.Max),
    ];

    public static string Names => string.Join(", ", All.Select(function => function.Name));

    public static (UnaryOperation? Unary, BinaryOperation? Binary, int Arguments)? Find(string name)
    {
        foreach (var (known, unary, binary) in All)
        {
            if (known == name)
            {
                return (unary, binary, unary is null ? 2 : 1);
            }
        }

        return null;
    }

    /// <summary>What to add where a function's name stands alone.</summary>
    public static string Hint(string name) => Find(name) is null ? "" : $" (the function {name} needs parentheses)";
}

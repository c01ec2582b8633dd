namespace Pantheon.Onnx.Formulas;

/// <summary>
/// What each operation computes, and the ONNX operator that computes the same. IEEE double throughout: a logarithm of 0 is minus
/// infinity, a root of a negative number is not a number.
/// </summary>
internal static class Operations
{
    public static double Apply(this UnaryOperation operation, double value) => operation switch
    {
        UnaryOperation.Negate => -value,
        UnaryOperation.Log => Math.Log(value),
        UnaryOperation.Exp => Math.Exp(value),
        UnaryOperation.Sqrt => Math.Sqrt(value),
        UnaryOperation.Sigmoid => Sigmoid(value),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    public static double Apply(this BinaryOperation operation, double left, double right) => operation switch
    {
        BinaryOperation.Add => left + right,
        BinaryOperation.Subtract => left - right,
        BinaryOperation.Multiply => left * right,
        BinaryOperation.Divide => left / right,
        BinaryOperation.Power => Math.Pow(left, right),
        BinaryOperation.Min => Math.Min(left, right),
        BinaryOperation.Max => Math.Max(left, right),
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    public static string Operator(this UnaryOperation operation) => operation switch
    {
        UnaryOperation.Negate => "Neg",
        UnaryOperation.Log => "Log",
        UnaryOperation.Exp => "Exp",
        UnaryOperation.Sqrt => "Sqrt",
        UnaryOperation.Sigmoid => "Sigmoid",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    public static string Operator(this BinaryOperation operation) => operation switch
    {
        BinaryOperation.Add => "Add",
        BinaryOperation.Subtract => "Sub",
        BinaryOperation.Multiply => "Mul",
        BinaryOperation.Divide => "Div",
        BinaryOperation.Power => "Pow",
        BinaryOperation.Min => "Min",
        BinaryOperation.Max => "Max",
        _ => throw new ArgumentOutOfRangeException(nameof(operation), operation, null),
    };

    // The exponential of a negative number only, so that no large argument overflows on the way to 0 or 1.
    private static double Sigmoid(double value)
    {
        double small = Math.Exp(-Math.Abs(value));
        return value >= 0 ? 1 / (1 + small) : small / (1 + small);
    }
}

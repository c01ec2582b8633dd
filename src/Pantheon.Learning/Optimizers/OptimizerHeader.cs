namespace Pantheon.Learning.Optimizers;

/// <summary>What two states must share to be interchangeable.</summary>
/// <param name="Kind">The optimizer's name in a file; never renamed.</param>
/// <param name="Rows">Rows of the parameter; 1 for a dense one.</param>
/// <param name="Width">Numbers per row.</param>
/// <param name="Settings">Every option that a later step depends on.</param>
internal sealed record OptimizerHeader(string Kind, int Rows, int Width, params (string Name, double Value)[] Settings)
{
    /// <summary>What is different about <paramref name="other"/>, in words; null if nothing.</summary>
    public string? Difference(OptimizerHeader other)
    {
        if (other.Kind != Kind)
        {
            return $"the state is of '{other.Kind}', expected '{Kind}'";
        }

        if (other.Rows != Rows || other.Width != Width)
        {
            return $"the state is of shape [{other.Rows}, {other.Width}], expected [{Rows}, {Width}]";
        }

        if (other.Settings.Length != Settings.Length)
        {
            return $"the state has {other.Settings.Length} options, expected {Settings.Length}";
        }

        for (int index = 0; index < Settings.Length; index++)
        {
            (string name, double value) = Settings[index];
            (string otherName, double otherValue) = other.Settings[index];
            if (otherName != name || !otherValue.Equals(value))
            {
                return FormattableString.Invariant($"the state was made with {otherName} = {otherValue}, expected {name} = {value}");
            }
        }

        return null;
    }
}

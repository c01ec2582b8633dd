namespace Pantheon.Learning.Optimizers;

internal static class Setting
{
    /// <exception cref="ArgumentOutOfRangeException">If not <paramref name="holds"/>; the message names the setting and its range.</exception>
    public static void Require(bool holds, double value, string range, string name)
    {
        if (!holds)
        {
            throw new ArgumentOutOfRangeException(name, value, $"{name} must be {range}");
        }
    }
}

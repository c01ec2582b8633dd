namespace Pantheon.Exposures.Tests;

/// <summary>Skips a test that has begun, which xunit knows by the beginning of the exception's message.</summary>
internal static class Skip
{
    public static void If(bool condition, string reason)
    {
        if (condition)
        {
            throw new InvalidOperationException($"$XunitDynamicSkip${reason}");
        }
    }
}

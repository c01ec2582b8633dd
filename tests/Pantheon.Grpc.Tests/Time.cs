namespace Pantheon.Grpc.Tests;

internal static class Time
{
    /// <summary>How long a test waits for what must happen; far more than it takes.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);
}

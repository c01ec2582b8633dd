namespace Pantheon.Cli;

/// <summary>Ends a command with one line on standard error.</summary>
/// <param name="message">What came and what was expected.</param>
/// <param name="exitCode">1: it could not be done; 2: it was not said right.</param>
internal sealed class CommandFailure(string message, int exitCode = CommandFailure.Failed) : Exception(message)
{
    public const int Failed = 1;
    public const int Usage = 2;

    public int ExitCode { get; } = exitCode;

    public static CommandFailure OfUsage(string message) => new(message, Usage);
}

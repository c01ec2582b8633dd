namespace Pantheon.Cli.Tests;

/// <summary>One run of the command in this process, with what it wrote.</summary>
internal sealed record CliRun(int ExitCode, string Output, string Error)
{
    public static CliRun Of(params string[] arguments) => OfAsync(arguments).GetAwaiter().GetResult();

    public static async Task<CliRun> OfAsync(params string[] arguments)
    {
        using var output = new StringWriter();
        using var error = new StringWriter();
        var exitCode = await PantheonCommand.RunAsync(arguments, Terminal.Plain(output, error));
        return new CliRun(exitCode, output.ToString(), error.ToString());
    }

    /// <summary>It was done.</summary>
    public CliRun Succeeded()
    {
        Assert.True(ExitCode == 0, $"exit code {ExitCode}: {Error}");
        return this;
    }

    /// <summary>It failed with one line on standard error and nothing on standard output.</summary>
    public void FailedWith(int exitCode, string line)
    {
        Assert.Equal("", Output);
        // Progress of a slow machine is no part of the failure.
        Assert.Equal(line, Assert.Single(Error.Split('\n', StringSplitOptions.RemoveEmptyEntries), text => !text.EndsWith(" ...", StringComparison.Ordinal)));
        Assert.Equal(exitCode, ExitCode);
    }
}

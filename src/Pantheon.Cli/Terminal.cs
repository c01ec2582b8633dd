using Spectre.Console;

namespace Pantheon.Cli;

/// <summary>Where a command writes: results to standard output, failures and progress to standard error.</summary>
internal sealed class Terminal
{
    // Wide enough that no table is ever folded where nobody looks at it line by line.
    private const int UnlimitedWidth = 1000;

    private static readonly TimeSpan QuietFor = TimeSpan.FromSeconds(1);

    private readonly TextWriter _error;

    private readonly bool _rewrites;

    private Terminal(TextWriter output, TextWriter error, IAnsiConsole tables, bool rewrites)
    {
        _rewrites = rewrites;
        Output = output;
        _error = TextWriter.Synchronized(error);
        Tables = tables;
    }

    public TextWriter Output { get; }

    public IAnsiConsole Tables { get; }

    /// <summary>The process's own terminal: colours and its width if there is one.</summary>
    public static Terminal OfProcess() => Console.IsOutputRedirected
        ? Plain(Console.Out, Console.Error)
        : new Terminal(Console.Out, Console.Error, AnsiConsole.Console, !Console.IsErrorRedirected);

    /// <summary>No colours, and every table as wide as it likes.</summary>
    public static Terminal Plain(TextWriter output, TextWriter error)
    {
        var tables = AnsiConsole.Create(new AnsiConsoleSettings
        {
            Ansi = AnsiSupport.No,
            ColorSystem = ColorSystemSupport.NoColors,
            Interactive = InteractionSupport.No,
            Out = new AnsiConsoleOutput(output),
        });
        tables.Profile.Width = UnlimitedWidth;
        tables.Profile.Capabilities.Unicode = false;
        return new Terminal(output, error, tables, rewrites: false);
    }

    public void Fail(string message) => _error.WriteLine(message);

    /// <summary>A line on standard error that says how far long work is.</summary>
    public ProgressLine Progress() => new(_error, _rewrites);

    /// <summary>A table of a report.</summary>
    public void Print(Learning.Reports.Table table)
    {
        foreach (var line in Learning.Reports.ReportText.Of(table))
        {
            Output.WriteLine(line);
        }

        Output.WriteLine();
    }

    /// <summary>Does work that may take long; after a second, what it is goes to standard error.</summary>
    public T Step<T>(string what, Func<T> work)
    {
        using var timer = new Timer(_ => _error.WriteLine($"{what} ..."), null, QuietFor, Timeout.InfiniteTimeSpan);
        return work();
    }
}

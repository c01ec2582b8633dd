using System.Globalization;

namespace Pantheon.Cli.Tests.Train;

/// <summary>The tables that a command printed.</summary>
internal static class PrintedTables
{
    /// <summary>The lines of the first table whose caption begins so, head, rule and rows.</summary>
    public static IReadOnlyList<string> Table(this CliRun run, string caption)
    {
        var lines = run.Output.Split('\n');
        var start = Array.FindIndex(lines, line => line.StartsWith(caption, StringComparison.Ordinal));
        Assert.True(start >= 0, $"no table '{caption}' in:\n{run.Output}");
        return [.. lines.Skip(start + 1).TakeWhile(line => line.Length > 0)];
    }

    /// <summary>A row's cells after its name.</summary>
    public static string[] Row(this CliRun run, string caption, string name)
    {
        var row = Assert.Single(run.Table(caption), line => line.StartsWith(name + "  ", StringComparison.Ordinal));
        return row[name.Length..].Split("  ", StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries);
    }

    public static double Number(string cell) => double.Parse(cell.Split(' ')[0], CultureInfo.InvariantCulture);
}

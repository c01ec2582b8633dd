using System.Diagnostics;
using System.Text;
using Pantheon.Rig;

namespace Pantheon.Cluster.Tests;

/// <summary>The `pantheon` command as its users start it: a process of its own.</summary>
internal sealed class CommandProcess : IAsyncDisposable
{
    private readonly Process _process;
    private readonly StringBuilder _printed = new();

    private CommandProcess(string[] arguments)
    {
        var program = Path.Combine(Path.GetDirectoryName(SourceTree.Program("Pantheon.Cli"))!, "pantheon");
        _process = new Process { StartInfo = new ProcessStartInfo(program, arguments) { RedirectStandardOutput = true, RedirectStandardError = true } };
        _process.OutputDataReceived += Heard;
        _process.ErrorDataReceived += Heard;
        _process.Start();
        _process.BeginOutputReadLine();
        _process.BeginErrorReadLine();
    }

    /// <summary>Whether it has not ended.</summary>
    public bool IsRunning => !_process.HasExited;

    /// <summary>What it has printed so far, results and errors.</summary>
    public string Printed
    {
        get
        {
            lock (_printed)
            {
                return _printed.ToString();
            }
        }
    }

    /// <summary>Starts it; does not wait for anything.</summary>
    public static CommandProcess Start(params string[] arguments) => new(arguments);

    /// <summary>Runs it to its end, which is to be a good one.</summary>
    /// <returns>What it printed.</returns>
    public static async Task<string> RunAsync(params string[] arguments)
    {
        await using var command = Start(arguments);
        await command._process.WaitForExitAsync().WaitAsync(Poll.Limit);
        Assert.True(command._process.ExitCode == 0, command.Printed);
        return command.Printed;
    }

    /// <summary>kill -9, if it has not ended.</summary>
    public async ValueTask DisposeAsync()
    {
        if (IsRunning)
        {
            _process.Kill();
        }

        await _process.WaitForExitAsync();
        _process.Dispose();
    }

    private void Heard(object sender, DataReceivedEventArgs line)
    {
        lock (_printed)
        {
            _printed.AppendLine(line.Data);
        }
    }
}

using System.Diagnostics;

namespace Pantheon.Cli;

/// <summary>
/// How far long work is, on standard error: one line that is written over on a terminal, a line now and then elsewhere. Safe for use by
/// several threads.
/// </summary>
internal sealed class ProgressLine(TextWriter error, bool rewrites) : IDisposable
{
    private const int Bar = 24;

    private static readonly TimeSpan s_often = TimeSpan.FromMilliseconds(200);
    private static readonly TimeSpan s_seldom = TimeSpan.FromSeconds(15);

    private readonly Lock _lock = new();
    private long _last;
    private int _written;

    /// <summary>Says how far it is, unless that was just said.</summary>
    /// <param name="done">Share that is done, 0 to 1.</param>
    public void Show(string what, double done, string details = "")
    {
        lock (_lock)
        {
            if (_last != 0 && Stopwatch.GetElapsedTime(_last) < (rewrites ? s_often : s_seldom) && done < 1)
            {
                return;
            }

            _last = Stopwatch.GetTimestamp();
            var filled = (int)(Math.Clamp(done, 0, 1) * Bar);
            Write($"{what} [{new string('=', filled)}{new string(' ', Bar - filled)}] {done,4:P0} {details}");
        }
    }

    /// <summary>A line that stays.</summary>
    public void Say(string line)
    {
        lock (_lock)
        {
            Clear();
            error.WriteLine(line);
            _last = 0;
        }
    }

    public void Dispose()
    {
        lock (_lock)
        {
            Clear();
        }
    }

    private void Write(string line)
    {
        if (!rewrites)
        {
            error.WriteLine(line);
            return;
        }

        error.Write($"\r{line.PadRight(_written)}");
        _written = line.Length;
    }

    private void Clear()
    {
        if (rewrites && _written > 0)
        {
            error.Write($"\r{new string(' ', _written)}\r");
            _written = 0;
        }
    }
}

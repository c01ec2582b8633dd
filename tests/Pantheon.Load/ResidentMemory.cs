using System.Diagnostics;

namespace Pantheon.Load;

/// <summary>Samples a process's resident memory four times a second.</summary>
internal sealed class ResidentMemory : IAsyncDisposable
{
    private readonly List<(double Seconds, double Bytes)> _samples = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Task _sampling;

    public ResidentMemory(int pid) => _sampling = SampleAsync(pid);

    /// <summary>Mean resident bytes from second <paramref name="from"/> to second <paramref name="to"/>.</summary>
    public double Mean(double from, double to)
    {
        lock (_samples)
        {
            return _samples.Where(sample => sample.Seconds >= from && sample.Seconds <= to).Average(sample => sample.Bytes);
        }
    }

    public async ValueTask DisposeAsync()
    {
        await _stop.CancelAsync();
        await _sampling;
        _stop.Dispose();
    }

    private async Task SampleAsync(int pid)
    {
        using var process = Process.GetProcessById(pid);
        using var timer = new PeriodicTimer(TimeSpan.FromMilliseconds(250));
        var start = Stopwatch.GetTimestamp();
        try
        {
            while (await timer.WaitForNextTickAsync(_stop.Token))
            {
                process.Refresh();
                lock (_samples)
                {
                    _samples.Add((Stopwatch.GetElapsedTime(start).TotalSeconds, process.WorkingSet64));
                }
            }
        }
        catch (OperationCanceledException)
        {
            // The soak is over.
        }
    }
}

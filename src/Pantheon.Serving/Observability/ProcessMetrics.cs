using System.Diagnostics;
using System.Diagnostics.Metrics;

namespace Pantheon.Serving.Observability;

/// <summary>What .NET's own meter does not tell of the process, or not as it should.</summary>
internal sealed class ProcessMetrics
{
    public const string MeterName = "Pantheon.Process";

    private const string OpenFiles = "/proc/self/fd";

    public ProcessMetrics(IMeterFactory meters)
    {
        Meter meter = meters.Create(MeterName);
        double started = new DateTimeOffset(Process.GetCurrentProcess().StartTime).ToUnixTimeMilliseconds() / 1000.0;
        meter.CreateObservableGauge("process.start_time", () => started, "s", "When the process started, in seconds since 1970.");
        meter.CreateObservableGauge("dotnet.thread_pool.threads", static () => ThreadPool.ThreadCount, "{thread}", "Threads of the thread pool.");
        meter.CreateObservableGauge(
            "dotnet.thread_pool.queue.length", static () => ThreadPool.PendingWorkItemCount, "{work_item}", "Work items that wait for a thread of the pool.");
        if (Directory.Exists(OpenFiles))
        {
            meter.CreateObservableGauge("process.open_fds", CountOpenFiles, "{file}", "Files, sockets and the like that the process holds open.");
        }
    }

    private static int CountOpenFiles()
    {
        int count = 0;
        foreach (string _ in Directory.EnumerateFileSystemEntries(OpenFiles))
        {
            count++;
        }

        return count;
    }
}

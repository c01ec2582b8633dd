using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;

namespace Pantheon.Serving.Observability;

/// <summary>
/// Gives some of .NET's own instruments the names that dashboards and alert rules expect of a process, and renames those
/// gauges whose names end as only parts of a histogram may (promtool objects to <c>_count</c>).
/// </summary>
internal static class RuntimeNames
{
    public const string Meter = "System.Runtime";

    public static MetricStreamConfiguration? View(Instrument instrument) => instrument.Meter.Name != Meter ? null : instrument.Name switch
    {
        "dotnet.process.memory.working_set" => Named("process.resident_memory"),
        "dotnet.process.cpu.time" => Named("process.cpu"),
        "dotnet.process.cpu.count" => Named("dotnet.process.cpus"),
        // Declared as counters though they go down as well; ProcessMetrics has them as gauges.
        "dotnet.thread_pool.thread.count" or "dotnet.thread_pool.queue.length" => MetricStreamConfiguration.Drop,
        "dotnet.timer.count" => Named("dotnet.timers"),
        "dotnet.assembly.count" => Named("dotnet.assemblies"),
        _ => null,
    };

    private static MetricStreamConfiguration Named(string name) => new() { Name = name };
}

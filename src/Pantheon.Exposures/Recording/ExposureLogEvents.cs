using Microsoft.Extensions.Logging;

namespace Pantheon.Exposures.Recording;

/// <summary>Log events 3001 to 3019.</summary>
internal static partial class ExposureLogEvents
{
    [LoggerMessage(3001, LogLevel.Warning, "The store of exposures does not take rankings; up to {Capacity} of them wait, then they are dropped. Ranking goes on.")]
    public static partial void OutageBegan(ILogger logger, Exception exception, int capacity);

    [LoggerMessage(3002, LogLevel.Information, "The store of exposures takes rankings again after {Seconds:0.0} s; {Dropped} were dropped meanwhile.")]
    public static partial void OutageEnded(ILogger logger, double seconds, long dropped);

    [LoggerMessage(3003, LogLevel.Warning, "Rankings come faster than the store of exposures takes them, and are dropped; pantheon.exposures.dropped counts them.")]
    public static partial void Overflowed(ILogger logger);

    [LoggerMessage(3004, LogLevel.Warning, "The log of exposures stopped before {Count} rankings were stored; they are dropped.")]
    public static partial void StoppedEarly(ILogger logger, long count);

    [LoggerMessage(3005, LogLevel.Error, "A batch of {Count} rankings cannot be stored and is dropped.")]
    public static partial void Refused(ILogger logger, Exception exception, int count);
}

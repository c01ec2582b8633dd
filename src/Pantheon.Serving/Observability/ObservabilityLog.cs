namespace Pantheon.Serving.Observability;

/// <summary>Log events 2200 to 2219.</summary>
internal static partial class ObservabilityLog
{
    [LoggerMessage(2200, LogLevel.Warning, "Instrument {Instrument} of meter {Meter} is left out of /metrics: its name {Name} is taken by meter {Other}.")]
    public static partial void NameTaken(ILogger logger, string instrument, string meter, string name, string other);

    [LoggerMessage(2201, LogLevel.Warning, "Instrument {Instrument} of meter {Meter} is left out of /metrics: it could not be written.")]
    public static partial void MetricFailed(ILogger logger, Exception exception, string instrument, string meter);
}

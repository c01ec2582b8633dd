using System.Diagnostics.Metrics;

namespace Pantheon.Exposures.Recording;

/// <summary>Instruments of the log; docs/exposures.md lists them. Times are in seconds.</summary>
internal sealed class ExposureLogMetrics : IDisposable
{
    public const string MeterName = "Pantheon.Exposures";

    // 0.1 ms to 10 s: from a sync of a fast disk to one that hangs.
    private static readonly InstrumentAdvice<double> Seconds = new()
    {
        HistogramBucketBoundaries = [0.0001, 0.00025, 0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10],
    };

    private readonly Meter _meter;
    private readonly Counter<long> _logged;
    private readonly Counter<long> _dropped;
    private readonly Histogram<double> _duration;

    public ExposureLogMetrics(IMeterFactory factory, Func<long> queued, Func<long> bytes)
    {
        _meter = factory.Create(MeterName);
        _logged = _meter.CreateCounter<long>("pantheon.exposures.logged", "{ranking}", "Rankings stored");
        _dropped = _meter.CreateCounter<long>("pantheon.exposures.dropped", "{ranking}", "Rankings not stored by reason");
        _duration = _meter.CreateHistogram("pantheon.exposures.write.duration", "s", "Time of a batch's write to the store by outcome", advice: Seconds);
        _meter.CreateObservableGauge("pantheon.exposures.queue.length", queued, "{ranking}", "Rankings waiting to be stored");
        _meter.CreateObservableGauge("pantheon.exposures.queue.size", bytes, "By", "Memory of the rankings waiting to be stored");

        // So that a rate can be told from the first drop on.
        foreach (var reason in DropReasons.All)
        {
            Dropped(reason, 0);
        }
    }

    public void Logged(int count) => _logged.Add(count);

    public void Dropped(DropReason reason, long count) => _dropped.Add(count, new KeyValuePair<string, object?>("reason", reason.Tag()));

    public void Wrote(TimeSpan time, bool stored) => _duration.Record(time.TotalSeconds, new KeyValuePair<string, object?>("outcome", stored ? "ok" : "failed"));

    public void Dispose() => _meter.Dispose();
}

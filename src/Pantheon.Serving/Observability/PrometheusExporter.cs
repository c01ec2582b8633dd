using System.Runtime.CompilerServices;
using OpenTelemetry;
using OpenTelemetry.Metrics;

namespace Pantheon.Serving.Observability;

/// <summary>
/// Writes the instruments' state as Prometheus text, format 0.0.4, when asked to. Families come in the order of their
/// names, so that two scrapes can be compared. A metric that cannot be written is left out and logged once; the scrape
/// goes on. Not thread-safe: <see cref="PrometheusEndpoint"/> lets one scrape in at a time.
/// </summary>
[ExportModes(ExportModes.Pull)]
internal sealed class PrometheusExporter(ILogger<PrometheusExporter> logger) : BaseExporter<Metric>, IPullMetricExporter
{
    private static readonly Comparison<(PrometheusFamily Family, Metric Metric)> s_byName = static (x, y) =>
    {
        int order = string.CompareOrdinal(x.Family.Name, y.Family.Name);
        return order != 0 ? order : string.CompareOrdinal(x.Family.Meter, y.Family.Meter);
    };

    // Weak, so that the metrics of a meter that was disposed of do not stay.
    private readonly ConditionalWeakTable<Metric, PrometheusFamily> _families = [];
    private readonly List<(PrometheusFamily Family, Metric Metric)> _sorted = [];
    private readonly PrometheusLabels _labels = new();
    private readonly PrometheusText _text = new(64 * 1024);

    /// <summary>Set by the reader that owns this exporter.</summary>
    public Func<int, bool>? Collect { get; set; }

    /// <summary>What the last scrape wrote; valid until the next.</summary>
    public ReadOnlySpan<byte> Text => _text.Written;

    /// <summary>Reads every instrument into <see cref="Text"/>; false if there is no provider, or it was shut down.</summary>
    public bool TryScrape(TimeSpan timeout)
    {
        _text.Truncate(0);
        return Collect?.Invoke((int)timeout.TotalMilliseconds) ?? false;
    }

    public override ExportResult Export(in Batch<Metric> batch)
    {
        _text.Truncate(0);
        _sorted.Clear();
        foreach (Metric metric in batch)
        {
            _sorted.Add((_families.GetValue(metric, static metric => new PrometheusFamily(metric)), metric));
        }

        _sorted.Sort(s_byName);
        PrometheusFamily? previous = null;
        foreach ((PrometheusFamily family, Metric metric) in _sorted)
        {
            if (previous is not null && previous.Name == family.Name)
            {
                // Two instruments, one name: a second HELP and TYPE would make Prometheus refuse everything.
                if (!family.Reported)
                {
                    family.Reported = true;
                    ObservabilityLog.NameTaken(logger, metric.Name, metric.MeterName, family.Name, previous.Meter);
                }

                continue;
            }

            previous = family;
            Append(family, metric);
        }

        _sorted.Clear();
        return ExportResult.Success;
    }

    private void Append(PrometheusFamily family, Metric metric)
    {
        int start = _text.Length;
        try
        {
            _labels.Clear();
            _text.Append(family.Head);
            int head = _text.Length;
            foreach (ref readonly MetricPoint point in metric.GetMetricPoints())
            {
                if (_labels.TryRender(point.Tags, out ReadOnlySpan<byte> labels))
                {
                    AppendPoint(family.Utf8Name, metric.MetricType, in point, labels);
                }
            }

            if (_text.Length == head)
            {
                _text.Truncate(start);
            }
        }
        catch (Exception exception) // One odd metric must not cost the others: whatever it throws, it is left out.
        {
            _text.Truncate(start);
            if (!family.Reported)
            {
                family.Reported = true;
                ObservabilityLog.MetricFailed(logger, exception, metric.Name, metric.MeterName);
            }
        }
    }

    private void AppendPoint(ReadOnlySpan<byte> name, MetricType type, in MetricPoint point, ReadOnlySpan<byte> labels)
    {
        switch (type)
        {
            case MetricType.Histogram:
                AppendHistogram(name, in point, labels);
                break;
            case MetricType.ExponentialHistogram:
                // This format has no such thing; its count and sum remain true.
                AppendBucket(name, labels, double.PositiveInfinity, point.GetHistogramCount());
                AppendSumAndCount(name, in point, labels);
                break;
            default:
                AppendSeries(name, ""u8, labels);
                switch (type)
                {
                    case MetricType.LongSum or MetricType.LongSumNonMonotonic:
                        _text.Append(point.GetSumLong());
                        break;
                    case MetricType.DoubleSum or MetricType.DoubleSumNonMonotonic:
                        _text.Append(point.GetSumDouble());
                        break;
                    case MetricType.LongGauge:
                        _text.Append(point.GetGaugeLastValueLong());
                        break;
                    default:
                        _text.Append(point.GetGaugeLastValueDouble());
                        break;
                }

                _text.Append("\n"u8);
                break;
        }
    }

    private void AppendHistogram(ReadOnlySpan<byte> name, in MetricPoint point, ReadOnlySpan<byte> labels)
    {
        long cumulative = 0;
        foreach (HistogramBucket bucket in point.GetHistogramBuckets())
        {
            cumulative += bucket.BucketCount;
            if (!double.IsPositiveInfinity(bucket.ExplicitBound))
            {
                AppendBucket(name, labels, bucket.ExplicitBound, cumulative);
            }
        }

        AppendBucket(name, labels, double.PositiveInfinity, point.GetHistogramCount());
        AppendSumAndCount(name, in point, labels);
    }

    private void AppendBucket(ReadOnlySpan<byte> name, ReadOnlySpan<byte> labels, double bound, long count)
    {
        _text.Append(name);
        _text.Append("_bucket{"u8);
        _text.Append(labels);
        _text.Append(labels.IsEmpty ? "le=\""u8 : ",le=\""u8);
        _text.Append(bound);
        _text.Append("\"} "u8);
        _text.Append(count);
        _text.Append("\n"u8);
    }

    private void AppendSumAndCount(ReadOnlySpan<byte> name, in MetricPoint point, ReadOnlySpan<byte> labels)
    {
        AppendSeries(name, "_sum"u8, labels);
        _text.Append(point.GetHistogramSum());
        _text.Append("\n"u8);
        AppendSeries(name, "_count"u8, labels);
        _text.Append(point.GetHistogramCount());
        _text.Append("\n"u8);
    }

    private void AppendSeries(ReadOnlySpan<byte> name, ReadOnlySpan<byte> suffix, ReadOnlySpan<byte> labels)
    {
        _text.Append(name);
        _text.Append(suffix);
        if (!labels.IsEmpty)
        {
            _text.Append("{"u8);
            _text.Append(labels);
            _text.Append("}"u8);
        }

        _text.Append(" "u8);
    }
}

using System.Text;
using OpenTelemetry.Metrics;

namespace Pantheon.Serving.Observability;

/// <summary>What every scrape says about one metric before its samples; made once per metric.</summary>
internal sealed class PrometheusFamily
{
    public PrometheusFamily(Metric metric)
    {
        Name = PrometheusNames.OfMetric(metric.Name, metric.Unit ?? "", metric.MetricType);
        Meter = metric.MeterName;
        Utf8Name = Encoding.UTF8.GetBytes(Name);

        PrometheusText head = new(256);
        head.Append("# HELP "u8);
        head.Append(Utf8Name);
        head.Append(" "u8);
        head.AppendEscaped(
            string.IsNullOrWhiteSpace(metric.Description) ? $"Instrument {metric.Name} of meter {metric.MeterName}." : metric.Description.Trim(),
            quoted: false);
        head.Append("\n# TYPE "u8);
        head.Append(Utf8Name);
        head.Append(" "u8);
        head.Append(PrometheusNames.OfType(metric.MetricType));
        head.Append("\n"u8);
        Head = head.Written.ToArray();
    }

    public string Name { get; }

    public string Meter { get; }

    public byte[] Utf8Name { get; }

    /// <summary>The HELP and TYPE lines.</summary>
    public byte[] Head { get; }

    /// <summary>Whether the log has already told of a trouble with it; once is enough.</summary>
    public bool Reported { get; set; }
}

using OpenTelemetry.Metrics;
using Pantheon.Serving.Observability;

namespace Pantheon.Serving.Tests.Observability;

public sealed class PrometheusNamesTests
{
    [Theory]
    [InlineData("pantheon.requests", "{request}", MetricType.LongSum, "pantheon_requests_total")]
    [InlineData("pantheon.requests.total", "", MetricType.LongSum, "pantheon_requests_total")]
    [InlineData("process.cpu", "s", MetricType.DoubleSum, "process_cpu_seconds_total")]
    [InlineData("gc.time_seconds", "s", MetricType.DoubleSum, "gc_time_seconds_total")]
    [InlineData("stage.duration", "s", MetricType.Histogram, "stage_duration_seconds")]
    [InlineData("body.size", "By", MetricType.Histogram, "body_size_bytes")]
    [InlineData("heap", "MiBy", MetricType.LongGauge, "heap_mebibytes")]
    [InlineData("use", "1", MetricType.DoubleGauge, "use_ratio")]
    [InlineData("hits", "1", MetricType.LongSum, "hits_total")]
    [InlineData("speed", "By/s", MetricType.DoubleGauge, "speed_bytes_per_second")]
    [InlineData("rate", "{request}/s", MetricType.DoubleGauge, "rate_per_second")]
    [InlineData("connections", "{connection}", MetricType.LongSumNonMonotonic, "connections")]
    [InlineData("a..b--c d", "", MetricType.LongGauge, "a_b_c_d")]
    [InlineData("9lives", "", MetricType.LongGauge, "_9lives")]
    [InlineData("\u00e9", "", MetricType.LongGauge, "_")]
    [InlineData("odd", "furlong^2", MetricType.LongGauge, "odd_furlong_2")]
    public void OfMetric_NameUnitAndType_AreSpeltAsPrometheusDoes(string name, string unit, MetricType type, string expected) =>
        Assert.Equal(expected, PrometheusNames.OfMetric(name, unit, type));

    [Theory]
    [InlineData("http.route", "http_route")]
    [InlineData("a:b", "a_b")]
    [InlineData("__name__", "_name_")]
    [InlineData("le", "exported_le")]
    [InlineData("1st", "_1st")]
    public void OfLabel_AnyKey_IsALegalLabelName(string key, string expected) => Assert.Equal(expected, PrometheusNames.OfLabel(key));
}

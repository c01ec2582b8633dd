using System.Diagnostics.Metrics;
using OpenTelemetry.Metrics;
using Pantheon.Serving.Observability;

namespace Pantheon.Serving.Tests.Observability;

public sealed class PrometheusExporterTests
{
    [Fact]
    public async Task Scrape_EveryKindOfInstrument_IsWrittenInTheOrderOfNames()
    {
        using Scraper scraper = new();
        scraper.Meter.CreateUpDownCounter<long>("queue.depth", "{request}", "Requests that wait.").Add(-2);
        Counter<long> requests = scraper.Meter.CreateCounter<long>("requests", "{request}", "Requests by outcome.");
        requests.Add(3, new KeyValuePair<string, object?>("outcome", "ok"), new KeyValuePair<string, object?>("model", "m"));
        requests.Add(1, new KeyValuePair<string, object?>("outcome", "late"));
        scraper.Meter.CreateGauge<double>("load", null, "Load.").Record(0.25);
        Histogram<double> duration = scraper.Meter.CreateHistogram(
            "stage.duration", "s", "Time of a stage.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.25, 1] });
        foreach (double value in (ReadOnlySpan<double>)[0.0005, 0.001, 0.5, 2])
        {
            duration.Record(value, new KeyValuePair<string, object?>("stage", "run"));
        }

        string text = scraper.Scrape();

        Assert.Equal(
            """
            # HELP load Load.
            # TYPE load gauge
            load 0.25
            # HELP queue_depth Requests that wait.
            # TYPE queue_depth gauge
            queue_depth -2
            # HELP requests_total Requests by outcome.
            # TYPE requests_total counter
            requests_total{model="m",outcome="ok"} 3
            requests_total{outcome="late"} 1
            # HELP stage_duration_seconds Time of a stage.
            # TYPE stage_duration_seconds histogram
            stage_duration_seconds_bucket{stage="run",le="0.001"} 2
            stage_duration_seconds_bucket{stage="run",le="0.25"} 2
            stage_duration_seconds_bucket{stage="run",le="1"} 3
            stage_duration_seconds_bucket{stage="run",le="+Inf"} 4
            stage_duration_seconds_sum{stage="run"} 2.5015
            stage_duration_seconds_count{stage="run"} 4

            """,
            text);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public async Task Scrape_AwkwardText_IsEscaped()
    {
        using Scraper scraper = new();
        scraper.Meter.CreateGauge<int>("odd", null, "A \\ and\na line.").Record(
            1,
            new KeyValuePair<string, object?>("quote", "say \"hi\"\\\n\u00e9\ud800"),
            new KeyValuePair<string, object?>("flag", true),
            new KeyValuePair<string, object?>("number", 1.5),
            new KeyValuePair<string, object?>("nothing", null));

        string text = scraper.Scrape();

        Assert.Equal(
            """
            # HELP odd A \\ and\na line.
            # TYPE odd gauge
            odd{flag="true",number="1.5",quote="say \"hi\"\\\nZZ"} 1

            """.Replace("ZZ", "\u00e9\ufffd", StringComparison.Ordinal),
            text);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Theory]
    [InlineData(double.NaN, "NaN")]
    [InlineData(double.PositiveInfinity, "+Inf")]
    [InlineData(double.NegativeInfinity, "-Inf")]
    [InlineData(1e300, "1e+300")]
    [InlineData(-0.1, "-0.1")]
    [InlineData(0.00005, "5e-05")]
    public async Task Scrape_UnusualNumbers_AreReadByPrometheus(double value, string expected)
    {
        using Scraper scraper = new();
        scraper.Meter.CreateGauge<double>("value", null, "A value.").Record(value);

        string text = scraper.Scrape();

        Assert.Contains($"\nvalue {expected}\n", text, StringComparison.Ordinal);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public async Task Scrape_TagSetsThatBecomeOneLabelSet_GiveOneSeries()
    {
        using Scraper scraper = new();
        Counter<int> counter = scraper.Meter.CreateCounter<int>("hits", null, "Hits.");
        counter.Add(1, new KeyValuePair<string, object?>("a.b", "x"));
        counter.Add(2, new KeyValuePair<string, object?>("a_b", "x"));
        counter.Add(4, new KeyValuePair<string, object?>("a.b", "x"), new KeyValuePair<string, object?>("a_b", "y"));

        string text = scraper.Scrape();

        Assert.Equal("hits_total{a_b=\"x\"} 1", Assert.Single(text.Split('\n'), line => line.StartsWith("hits", StringComparison.Ordinal)));
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public async Task Scrape_TwoMetersWithOneName_KeepsTheFirstAndSaysSoOnce()
    {
        using Scraper scraper = new();
        using Meter other = new(scraper.Meter.Name + ".Other");
        other.CreateCounter<int>("hits", null, "Other hits.").Add(7);
        scraper.Meter.CreateCounter<int>("hits", null, "Hits.").Add(1);

        scraper.Scrape();
        string text = scraper.Scrape();

        Assert.Contains("hits_total 1", text, StringComparison.Ordinal);
        Assert.DoesNotContain("Other hits.", text, StringComparison.Ordinal);
        Assert.Equal([2200], scraper.Log.Events);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public async Task Scrape_MetricThatCannotBeWritten_IsLeftOutAndTheRestIsThere()
    {
        using Scraper scraper = new();
        scraper.Meter.CreateCounter<int>("a", null, "A.").Add(1);
        scraper.Meter.CreateCounter<int>("b", null, "B.").Add(1, new KeyValuePair<string, object?>("k", new Unprintable()));
        scraper.Meter.CreateObservableGauge("c", Throws, null, "C.");
        scraper.Meter.CreateCounter<int>("d", null, "D.").Add(1);

        scraper.Scrape();
        string text = scraper.Scrape();

        Assert.Equal(["a_total 1", "d_total 1"], text.Split('\n').Where(line => line.Length > 0 && line[0] != '#'));
        Assert.Equal([2201], scraper.Log.Events);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public async Task Scrape_ExponentialHistogram_KeepsCountAndSum()
    {
        using Scraper scraper = new(builder => builder.AddView("sizes", new Base2ExponentialBucketHistogramConfiguration()));
        scraper.Meter.CreateHistogram<double>("sizes", "By", "Sizes.").Record(3);

        string text = scraper.Scrape();

        Assert.EndsWith("sizes_bytes_bucket{le=\"+Inf\"} 1\nsizes_bytes_sum 3\nsizes_bytes_count 1\n", text, StringComparison.Ordinal);
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
    }

    [Fact]
    public void Scrape_NoInstruments_IsEmpty()
    {
        using Scraper scraper = new();

        Assert.Empty(scraper.Scrape());
    }

    [Fact]
    public void Scrape_Repeated_DoesNotAllocatePerSeries()
    {
        using Scraper scraper = new();
        Histogram<double> duration = scraper.Meter.CreateHistogram<double>("duration", "s", "Time.");
        for (int i = 0; i < 500; i++)
        {
            duration.Record(0.1, new KeyValuePair<string, object?>("key", i));
        }

        for (int i = 0; i < 3; i++)
        {
            Assert.True(scraper.TryScrape());
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        Assert.True(scraper.TryScrape());
        long allocated = GC.GetAllocatedBytesForCurrentThread() - before;

        // 500 series of 18 lines are half a megabyte of text; the SDK itself takes a little per metric.
        Assert.InRange(allocated, 0, 16 * 1024);
    }

    [Fact]
    public void TryScrape_WithoutAProvider_IsFalse()
    {
        using PrometheusExporter exporter = new(new Scraper.EventLog());

        Assert.False(exporter.TryScrape(TimeSpan.FromSeconds(1)));
        Assert.True(exporter.Text.IsEmpty);
    }

    private static int Throws() => throw new InvalidOperationException("A gauge that fails.");

    private sealed class Unprintable
    {
        public override string ToString() => throw new InvalidOperationException("No text.");
    }
}

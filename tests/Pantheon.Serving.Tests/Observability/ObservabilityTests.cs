using System.Diagnostics.Metrics;
using System.Net;
using Microsoft.AspNetCore.Builder;
using Microsoft.AspNetCore.Hosting;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging;
using Pantheon.Serving.Observability;

namespace Pantheon.Serving.Tests.Observability;

/// <summary>/metrics as a scraper sees it: through Kestrel.</summary>
public sealed class ObservabilityTests : IAsyncLifetime
{
    private readonly WebApplication _app;
    private readonly HttpClient _client = new();

    public ObservabilityTests()
    {
        WebApplicationBuilder builder = WebApplication.CreateSlimBuilder();
        builder.Logging.ClearProviders();
        builder.WebHost.UseUrls("http://127.0.0.1:0");
        builder.Services.AddObservability();
        _app = builder.Build();
        _app.MapObservability();
        _app.MapGet("/hello", () => "hello");
    }

    public async Task InitializeAsync()
    {
        await _app.StartAsync();
        _client.BaseAddress = new Uri(_app.Urls.Single());
    }

    public async Task DisposeAsync()
    {
        _client.Dispose();
        await _app.DisposeAsync();
    }

    [Fact]
    public async Task Metrics_OfAServingProcess_SatisfyPromtool()
    {
        Meter meter = _app.Services.GetRequiredService<IMeterFactory>().Create("Pantheon.Serving");
        meter.CreateCounter<long>("pantheon.requests", "{request}", "Requests.").Add(1);
        await _client.GetStringAsync("/hello");
        GC.Collect();

        HttpResponseMessage response = await _client.GetAsync("/metrics");
        string text = await response.Content.ReadAsStringAsync();

        Assert.Equal(HttpStatusCode.OK, response.StatusCode);
        Assert.Equal("text/plain; version=0.0.4; charset=utf-8", response.Content.Headers.ContentType?.ToString());
        Assert.Empty(await Promtool.CheckMetricsAsync(text));
        foreach (string name in (string[])
        [
            "pantheon_requests_total 1", "process_resident_memory_bytes ", "process_cpu_seconds_total{", "process_start_time_seconds ",
            "dotnet_gc_collections_total{", "dotnet_gc_pause_time_seconds_total ", "dotnet_gc_last_collection_heap_size_bytes{",
            "dotnet_thread_pool_queue_length ", "kestrel_active_connections{", "http_server_request_duration_seconds_count{",
        ])
        {
            Assert.Contains("\n" + name, text, StringComparison.Ordinal);
        }
    }

    [Fact]
    public async Task Metrics_ScrapedByManyAtOnce_AreWholeEachTime()
    {
        Counter<long> counter = _app.Services.GetRequiredService<IMeterFactory>().Create("Pantheon.Serving").CreateCounter<long>("pantheon.things", null, "Things.");
        for (int i = 0; i < 100; i++)
        {
            counter.Add(1, new KeyValuePair<string, object?>("key", i));
        }

        string[] texts = await Task.WhenAll(Enumerable.Range(0, 32).Select(_ => _client.GetStringAsync("/metrics")));

        Assert.All(texts, text =>
        {
            Assert.Equal(100, text.Split('\n').Count(line => line.StartsWith("pantheon_things_total{", StringComparison.Ordinal)));
            Assert.EndsWith("\n", text, StringComparison.Ordinal);
        });
    }

    [Fact]
    public void Record_WithTags_DoesNotAllocate()
    {
        Histogram<double> duration = _app.Services.GetRequiredService<IMeterFactory>().Create("Pantheon.Serving")
            .CreateHistogram("pantheon.duration", "s", "Time.", null, new InstrumentAdvice<double> { HistogramBucketBoundaries = [0.001, 0.01] });
        object model = "m", stage = "run";
        for (int i = 0; i < 100; i++)
        {
            Record();
        }

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int i = 0; i < 1000; i++)
        {
            Record();
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);

        void Record() => duration.Record(0.002, new KeyValuePair<string, object?>("model", model), new KeyValuePair<string, object?>("stage", stage));
    }

    [Fact]
    public async Task Metrics_OfAnotherHostInTheProcess_AreNotMixedIn()
    {
        await using WebApplication other = WebApplication.CreateSlimBuilder().Build();
        other.Services.GetRequiredService<IMeterFactory>().Create("Pantheon.Serving").CreateCounter<long>("pantheon.elsewhere", null, "Elsewhere.").Add(1);

        Assert.DoesNotContain("pantheon_elsewhere", await _client.GetStringAsync("/metrics"), StringComparison.Ordinal);
    }
}

using System.Diagnostics.Metrics;
using System.Text;
using Microsoft.Extensions.Logging;
using OpenTelemetry;
using OpenTelemetry.Metrics;
using Pantheon.Serving.Observability;

namespace Pantheon.Serving.Tests.Observability;

/// <summary>A meter of its own and an exporter that listens to it alone.</summary>
internal sealed class Scraper : IDisposable
{
    private static int s_next;

    private readonly MeterProvider _provider;
    private readonly PrometheusExporter _exporter;

    public Scraper(Action<MeterProviderBuilder>? configure = null)
    {
        Meter = new Meter($"Scraped.{Interlocked.Increment(ref s_next)}");
        _exporter = new PrometheusExporter(Log);
        MeterProviderBuilder builder = Sdk.CreateMeterProviderBuilder().AddMeter(Meter.Name, Meter.Name + ".Other");
        configure?.Invoke(builder);
        _provider = builder.AddReader(new BaseExportingMetricReader(_exporter)).Build();
    }

    public Meter Meter { get; }

    public EventLog Log { get; } = new();

    public string Scrape()
    {
        Assert.True(_exporter.TryScrape(TimeSpan.FromSeconds(10)));
        return Encoding.UTF8.GetString(_exporter.Text);
    }

    public bool TryScrape() => _exporter.TryScrape(TimeSpan.FromSeconds(10));

    public void Dispose()
    {
        _provider.Dispose();
        Meter.Dispose();
    }

    /// <summary>Keeps the event ids that were logged.</summary>
    internal sealed class EventLog : ILogger<PrometheusExporter>
    {
        public List<int> Events { get; } = [];

        public IDisposable? BeginScope<TState>(TState state) where TState : notnull => null;

        public bool IsEnabled(LogLevel logLevel) => true;

        public void Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Events.Add(eventId.Id);
    }
}

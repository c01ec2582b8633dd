using System.Collections.Concurrent;
using System.Diagnostics.Metrics;
using Microsoft.Extensions.Logging;
using Pantheon.Bundles;
using Pantheon.Onnx.Sessions;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Observability;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.TopK;

namespace Pantheon.Scoring.Tests.Hosting;

/// <summary>
/// An engine over bundles on disk, with memory of its own. When it is disposed, all memory must have come home, no slot
/// may be held, and no error may have been logged but those the test takes out of <see cref="Errors"/>.
/// </summary>
internal sealed class TestService : IMeterFactory, ILogger<ScoringEngine>
{
    private readonly ScoringMetrics _metrics;
    private readonly List<LoadedModel> _loaded = [];
    // Listening allocates.
    private readonly bool _countsMetrics;

    public TestService(TimeProvider? clock = null, EngineOptions? options = null, AdmissionOptions? admission = null, bool countsMetrics = true, ExplorationOptions? exploration = null)
    {
        _countsMetrics = countsMetrics;
        Clock = clock ?? TimeProvider.System;
        Options = options ?? new EngineOptions { MaxCandidates = 64, MaxTopK = 50 };
        Queries = new RankQueryPool(Memory);
        Gate = new AdmissionGate(admission ?? new AdmissionOptions { Concurrency = 2 }, Clock);
        _metrics = new ScoringMetrics(this, Gate, Catalog, Memory);
        Engine = new ScoringEngine(Catalog, Gate, Options, _metrics, Clock, this, exploration);
        Loader = new ModelLoader(Options, new GraphSessionOptions(), Memory, Clock);
    }

    public TimeProvider Clock { get; }

    public EngineOptions Options { get; }

    public PinnedPool Memory { get; } = new();

    public RankQueryPool Queries { get; }

    public AdmissionGate Gate { get; }

    public ModelCatalog Catalog { get; } = new("rank");

    public ScoringEngine Engine { get; }

    public ModelLoader Loader { get; }

    public TestBundles Bundles { get; } = new();

    public ConcurrentQueue<string> Errors { get; } = new();

    public List<string> Counted { get; } = [];

    /// <summary>Publishes, loads and serves a bundle.</summary>
    public LoadedModel Serve(Manifest manifest, string? graph = null, params (string Name, string Content)[] files)
    {
        var model = Loader.Load(Bundles.Publish(manifest, graph, files), CancellationToken.None);
        _loaded.Add(model);
        var others = Catalog.Models.Where(served => served.Name == model.Name).SelectMany(served => served.Versions.Values);
        Catalog.Publish(new ServedModel(model.Name, model, others.Append(model).ToDictionary(loaded => loaded.Version), null));
        return model;
    }

    /// <summary>An empty request to a model.</summary>
    public RankQuery Ask(string model)
    {
        var query = Queries.Rent();
        query.Model = model;
        return query;
    }

    /// <summary>Ranks, and copies the ranking before its memory goes home.</summary>
    public async Task<Ranking> RankAsync(RankQuery query, long deadline = long.MaxValue, CancellationToken cancellation = default)
    {
        using (query)
        {
            var outcome = await Engine.RankAsync(query, deadline, cancellation);
            Assert.True(outcome.Result is null != outcome.Fault is null);
            using (outcome.Result)
            {
                return new Ranking(outcome);
            }
        }
    }

    /// <summary>Ranks what must be refused.</summary>
    public async Task<RankFault> RefuseAsync(RankQuery query, long deadline = long.MaxValue, CancellationToken cancellation = default)
    {
        var ranking = await RankAsync(query, deadline, cancellation);
        Assert.NotNull(ranking.Fault);
        Assert.Equal(0, Memory.OutstandingBytes);
        return ranking.Fault;
    }

    public Meter Create(MeterOptions options)
    {
        var meter = new Meter(options);
        var listener = new MeterListener();
        listener.InstrumentPublished = (instrument, self) =>
        {
            if (instrument.Meter == meter && instrument is Counter<long>)
            {
                self.EnableMeasurementEvents(instrument);
            }
        };
        listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) =>
        {
            var text = $"{instrument.Name}={value} {string.Join(" ", tags.ToArray().Select(tag => $"{tag.Key}:{tag.Value}"))}";
            lock (Counted)
            {
                Counted.Add(text);
            }
        });
        if (_countsMetrics)
        {
            listener.Start();
        }

        return meter;
    }

    IDisposable? ILogger.BeginScope<TState>(TState state) => null;

    bool ILogger.IsEnabled(LogLevel logLevel) => logLevel >= LogLevel.Warning;

    void ILogger.Log<TState>(LogLevel level, EventId id, TState state, Exception? exception, Func<TState, Exception?, string> text) =>
        Errors.Enqueue($"{id.Id}: {text(state, exception)}: {exception?.Message}");

    public void Dispose()
    {
        _metrics.Dispose();
        _loaded.ForEach(model => model.Dispose());
        Bundles.Dispose();
        Assert.Empty(Errors);
        Assert.Equal((0, 0), (Gate.Running, Gate.Waiting));
        Assert.Equal(0, Memory.OutstandingBytes);
    }
}

using System.Buffers;
using System.Diagnostics.Metrics;
using BenchmarkDotNet.Attributes;
using Google.Protobuf;
using Microsoft.Extensions.DependencyInjection;
using Microsoft.Extensions.Logging.Abstractions;
using Pantheon.Contracts.V1;
using Pantheon.Scoring.Admission;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Observability;
using Pantheon.Scoring.Requests;
using Pantheon.Serving.Ranking;

namespace Pantheon.Benchmarks;

/// <summary>
/// One request of the demo model from its bytes to its answer's bytes, beside the bare run of its graph on tensors that
/// are already bound: the difference is what serving adds before the network.
/// </summary>
public class RequestBenchmarks
{
    private readonly RankQueryPool _pool = new(PinnedPool.Shared);
    private ScoringEngine _engine = null!;
    private LoadedModel _model = null!;
    private DirectRun _bare = null!;
    private byte[] _request = [];
    private byte[] _answer = [];

    /// <summary>Candidates in the request; its top 10 are returned with Pxtrs.</summary>
    [Params(30, 300, 3000)]
    public int Candidates { get; set; }

    [GlobalSetup]
    public void SetUp()
    {
        _model = DemoModel.Load();
        var catalog = new ModelCatalog(_model.Name);
        catalog.Publish(new ServedModel(_model.Name, _model, new Dictionary<long, LoadedModel> { [_model.Version] = _model }, null));
        var gate = new AdmissionGate(new AdmissionOptions(), TimeProvider.System);
        var meters = new ServiceCollection().AddMetrics().BuildServiceProvider().GetRequiredService<IMeterFactory>();
        var metrics = new ScoringMetrics(meters, gate, catalog, PinnedPool.Shared);
        _engine = new ScoringEngine(catalog, gate, new EngineOptions(), metrics, TimeProvider.System, NullLogger<ScoringEngine>.Instance);

        var demo = JsonParser.Default.Parse<RankRequest>(File.ReadAllText(Path.Combine(DemoModel.Folder, "request.json")));
        var sent = demo.CandidateIds.Count;
        var request = new RankRequest { TopK = 10, Output = new OutputOptions { Pxtrs = true } };
        request.UserFeatures.AddRange(demo.UserFeatures);
        foreach (var feature in demo.CandidateFeatures)
        {
            var copy = new Feature { Name = feature.Name };
            copy.Int64S.AddRange(Enumerable.Range(0, feature.Int64S.Count / sent * Candidates).Select(i => feature.Int64S[i % feature.Int64S.Count]));
            copy.Floats.AddRange(Enumerable.Range(0, feature.Floats.Count / sent * Candidates).Select(i => feature.Floats[i % feature.Floats.Count]));
            request.CandidateFeatures.Add(copy);
        }

        request.CandidateIds.AddRange(Enumerable.Range(0, Candidates).Select(i => demo.CandidateIds[i % sent]));
        _request = request.ToByteArray();
        _answer = new byte[1 << 20];

        _bare = new DirectRun(_model, Candidates, PinnedPool.Shared);
        _bare.FillInputs();
    }

    /// <summary>The graph alone.</summary>
    [Benchmark(Baseline = true)]
    public void BareOnnxRuntime() => _bare.Execute();

    /// <summary>Decode, check, map ids, admit, run, rank, calibrate, encode.</summary>
    [Benchmark]
    public async Task<int> WholeRequest()
    {
        using var query = RankDecoder.DecodeRequest(new ReadOnlySequence<byte>(_request), _pool);
        var outcome = await _engine.RankAsync(query, long.MaxValue, CancellationToken.None);
        using var result = outcome.Result ?? throw new InvalidOperationException(outcome.Fault!.Message);
        return Encode(result);
    }

    [GlobalCleanup]
    public void CleanUp()
    {
        _bare.Dispose();
        _model.Dispose();
    }

    private int Encode(RankResult result)
    {
        var reply = new RankReply(result);
        var writer = new WireWriter(_answer);
        reply.Write(ref writer);
        return writer.Position;
    }
}

using System.Runtime.CompilerServices;
using Microsoft.Extensions.Logging;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Stores;
using Pantheon.Onnx.Sessions;
using Pantheon.Rig;
using Pantheon.Scoring.Calibration;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Memory;
using Pantheon.Scoring.Models;
using Pantheon.Serving.Calibration;
using Pantheon.Serving.Configuration;

namespace Pantheon.Serving.Tests.Calibration;

/// <summary>Replicas that merge what they measured through a store's notes.</summary>
public sealed class SharedMomentsTests : IAsyncLifetime
{
    private static readonly CalibrationOptions s_options = new() { MinScores = 10, MinRequests = 5, HalfLifeSeconds = 1000 };

    private readonly TemporaryFolder _folder = new();
    private readonly Clock _clock = new();
    private readonly List<LoadedModel> _loaded = [];
    private IExposureStore _store = null!;

    public async Task InitializeAsync()
    {
        ScaledModel.Publish(_folder.Path, 1, weight: 1, slope: 1, shift: 0);
        _store = await Task.Run(() => ExposureStores.OpenSqlite(new() { Path = _folder["exposures.db"] }, _clock));
    }

    public async Task DisposeAsync()
    {
        await _store.DisposeAsync();
        _loaded.ForEach(model => model.Dispose());
        _folder.Dispose();
    }

    [Fact]
    public async Task ExchangeAsync_ReplicasInAnyOrder_AllSeeTheWhole()
    {
        var random = new Random(4);
        var replicas = Enumerable.Range(0, 3).Select(_ => new Replica(this)).ToArray();
        var whole = default(ScoreMoments);
        for (var request = 0; request < 300; request++)
        {
            var scores = ScoreMoments.Of([.. Enumerable.Range(0, 10).Select(_ => (float)random.NextDouble())]);
            whole += scores;
            replicas[random.Next(replicas.Length)].Add(scores);
        }

        // Twice: the first to ask found the others silent.
        foreach (var replica in replicas.Concat(replicas.Reverse()))
        {
            await replica.ExchangeAsync(_store.Notes);
        }

        foreach (var replica in replicas)
        {
            var measured = replica.Measured;
            Assert.Equal((300, whole.Count), (measured.Requests, measured.Scores.Count));
            Assert.Equal(whole.Mean, measured.Scores.Mean, 1e-12);
            Assert.Equal(whole.Std, measured.Scores.Std, 1e-12);
        }

        // Again and again says nothing new.
        await replicas[0].ExchangeAsync(_store.Notes);
        Assert.Equal(300, replicas[0].Measured.Requests);
        Assert.Equal(3, (await _store.Notes.ListAsync("moments/")).Count);
        Assert.Empty(replicas.SelectMany(replica => replica.Log));
    }

    [Fact]
    public async Task ExchangeAsync_AReplicaThatIsGone_FadesAndIsSweptAway()
    {
        var gone = new Replica(this);
        gone.Add(new ScoreMoments(100, 3, 100), requests: 8);
        await gone.ExchangeAsync(_store.Notes);
        _clock.Advance(1000);
        var restarted = new Replica(this);

        await restarted.ExchangeAsync(_store.Notes);

        Assert.Equal((4, 400, 3), (restarted.Measured.Requests, restarted.Measured.Scores.Count, restarted.Measured.Scores.Mean));
        _clock.Advance(10_000);
        await restarted.ExchangeAsync(_store.Notes);
        Assert.Empty(await _store.Notes.ListAsync("moments/"));
    }

    [Fact]
    public async Task ExchangeAsync_TheStoreIsAway_GoesByWhatIsKnownAndSaysSoOnce()
    {
        var (one, other) = (new Replica(this), new Replica(this));
        other.Add(new ScoreMoments(100, 3, 100), requests: 8);
        await other.ExchangeAsync(_store.Notes);
        await one.ExchangeAsync(_store.Notes);
        Assert.Equal(8, one.Measured.Requests);

        one.Add(new ScoreMoments(100, 3, 100), requests: 8);
        await one.ExchangeAsync(new AwayNotes());
        await one.ExchangeAsync(new AwayNotes());

        // Its own, and what the other said before.
        Assert.Equal(16, one.Measured.Requests);
        Assert.Single(one.Log);
        Assert.StartsWith("Warning 2403", one.Log[0], StringComparison.Ordinal);
        await one.ExchangeAsync(_store.Notes);
        Assert.StartsWith("Information 2404", one.Log[1], StringComparison.Ordinal);
        await other.ExchangeAsync(_store.Notes);
        Assert.Equal(16, other.Measured.Requests);
    }

    [Theory]
    [InlineData("no json")]
    [InlineData("{}")]
    [InlineData("""{"bundleDigest":"sha256:of-another","scenarios":[{"scores":1e9,"requests":1e9,"mean":7,"std":1}]}""")]
    [InlineData("""{"bundleDigest":"DIGEST","scenarios":[{"scores":"NaN","requests":1,"mean":7,"std":1}]}""")]
    [InlineData("""{"bundleDigest":"DIGEST","scenarios":[{"scores":1,"requests":1,"mean":"Infinity","std":1}]}""")]
    [InlineData("""{"bundleDigest":"DIGEST","scenarios":[{"scores":1,"requests":1,"mean":0,"std":-1}]}""")]
    [InlineData("""{"bundleDigest":"DIGEST","scenarios":[{"scores":1},{"scores":1}]}""")]
    [InlineData("""{"bundleDigest":"DIGEST","measuredFrom":"9999-12-31T23:59:59Z","scenarios":[{"scores":1e300}]}""")]
    public async Task ExchangeAsync_ANoteThatIsNone_IsLeftOut(string text)
    {
        var replica = new Replica(this);
        await _store.Notes.WriteAsync($"moments/{ScaledModel.Name}/1/damaged", text.Replace("DIGEST", replica.Model.Bundle.Digest, StringComparison.Ordinal));
        replica.Add(new ScoreMoments(100, 3, 100), requests: 8);

        await replica.ExchangeAsync(_store.Notes);
        await replica.ExchangeAsync(_store.Notes);

        Assert.Equal((8, 3), (replica.Measured.Requests, replica.Measured.Scores.Mean));
        Assert.True(replica.Log.Count <= 1, string.Join('\n', replica.Log));
    }

    [Fact]
    public async Task ExchangeAsync_ANoteOfANewerReplica_IsRead()
    {
        var replica = new Replica(this);
        await _store.Notes.WriteAsync(
            $"moments/{ScaledModel.Name}/1/newer", $$"""{"bundleDigest":"{{replica.Model.Bundle.Digest}}","new":1,"scenarios":[{"scores":40,"requests":4,"mean":7,"std":1,"skew":2}]}""");
        await replica.ExchangeAsync(_store.Notes);
        Assert.Equal((4, 40, 7, 1), (replica.Measured.Requests, replica.Measured.Scores.Count, replica.Measured.Scores.Mean, replica.Measured.Scores.Std));
    }

    private sealed class Replica : ILogger<SharedMoments>
    {
        private readonly SharedMoments _shared;

        public Replica(SharedMomentsTests test)
        {
            Model = new ModelLoader(new EngineOptions { MaxCandidates = 1 }, new GraphSessionOptions(), PinnedPool.Shared, test._clock, s_options)
                .Load(test._folder[ScaledModel.Name, "1"], CancellationToken.None);
            test._loaded.Add(Model);
            _shared = new SharedMoments(new ServingOptions { Calibration = s_options }, test._clock, this);
        }

        public LoadedModel Model { get; }

        public List<string> Log { get; } = [];

        public StreamedMoments Measured
        {
            get
            {
                Model.Calibration.Update(null);
                return Model.Calibration.Slot("").Measured;
            }
        }

        public void Add(ScoreMoments scores, int requests = 1)
        {
            for (var request = 0; request < requests; request++)
            {
                Model.Calibration.Slot("").Stream.Add(scores);
            }
        }

        public Task ExchangeAsync(ISharedNotes notes) => _shared.ExchangeAsync(notes, [Model], CancellationToken.None);

        IDisposable? ILogger.BeginScope<TState>(TState state) => null;

        bool ILogger.IsEnabled(LogLevel logLevel) => true;

        void ILogger.Log<TState>(LogLevel logLevel, EventId eventId, TState state, Exception? exception, Func<TState, Exception?, string> formatter) =>
            Log.Add($"{logLevel} {eventId.Id}: {formatter(state, exception)}");
    }

    /// <summary>A store that is not there.</summary>
    private sealed class AwayNotes : ISharedNotes
    {
        private static ExposureStoreException Away => new("the store is away");

        public Task<Note?> ReadAsync(string key, CancellationToken cancellation = default) => throw Away;

        public Task<IReadOnlyList<Note>> ListAsync(string prefix, CancellationToken cancellation = default) => throw Away;

        public Task<long?> WriteAsync(string key, string text, long? expected = null, CancellationToken cancellation = default) => throw Away;

        public Task<bool> DeleteAsync(string key, CancellationToken cancellation = default) => throw Away;

        public Task<bool> TryLeaseAsync(string key, string owner, TimeSpan length, CancellationToken cancellation = default) => throw Away;

        public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
        {
            await Task.CompletedTask;
            yield break;
        }
    }

    /// <summary>Time that a test moves.</summary>
    private sealed class Clock : TimeProvider
    {
        private long _ticks = new DateTimeOffset(2026, 1, 1, 0, 0, 0, TimeSpan.Zero).Ticks;

        public override long TimestampFrequency => TimeSpan.TicksPerSecond;

        public override long GetTimestamp() => Volatile.Read(ref _ticks);

        public override DateTimeOffset GetUtcNow() => new(Volatile.Read(ref _ticks), TimeSpan.Zero);

        public void Advance(double seconds) => Interlocked.Add(ref _ticks, (long)(seconds * TimeSpan.TicksPerSecond));
    }
}

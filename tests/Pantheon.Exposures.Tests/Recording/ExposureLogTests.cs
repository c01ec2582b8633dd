using System.Diagnostics.Metrics;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Recording;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Sqlite;

namespace Pantheon.Exposures.Tests.Recording;

public sealed class ExposureLogTests : IAsyncLifetime
{
    private readonly ManualTime _time = new(Sample.Noon);
    private readonly FakeStore _store = new();
    private readonly Lines<ExposureLog> _lines = new();
    private readonly Meters _meters = new();
    private ExposureLog? _log;

    private ExposureLog Log => _log!;

    public Task InitializeAsync() => Task.CompletedTask;

    public async Task DisposeAsync()
    {
        _store.Hang.TrySetResult();
        if (_log is not null)
        {
            var stop = _log.DisposeAsync().AsTask();
            await Until(() => Moved(stop));
        }

        _meters.Dispose();
    }

    [Fact]
    public async Task TryWrite_WhenAllIsWell_StoresInBatchesAfterTheLinger()
    {
        Start(new ExposureLogOptions { BatchSize = 10 });
        Assert.True(Log.TryWrite(Sample.Ranking()));
        await Until(() => _time.Waiting == 1);
        Assert.True(Log.TryWrite(Sample.Ranking()));
        Assert.Empty(_store.Batches);

        _time.Advance(TimeSpan.FromMilliseconds(100));

        await Until(() => _store.Batches.Count == 1 && Log.Waiting == 0);
        Assert.Equal([2], _store.Batches);
        Assert.Equal(2, _meters["pantheon.exposures.logged"]);
        Assert.Equal(1, _meters["pantheon.exposures.write.duration ok"]);
    }

    [Fact]
    public async Task TryWrite_WhenABatchIsFull_DoesNotLinger()
    {
        _store.HangNext();
        Start(new ExposureLogOptions { BatchSize = 10, Linger = TimeSpan.Zero });
        Log.TryWrite(Sample.Ranking());
        await Until(() => _store.Calls == 1);
        for (var index = 0; index < 25; index++)
        {
            Log.TryWrite(Sample.Ranking());
        }

        _store.Hang.SetResult();

        await Until(() => Log.Waiting == 0);
        Assert.Equal([1, 10, 10, 5], _store.Batches);
    }

    [Fact]
    public async Task TryWrite_WhenTheStoreHangs_DropsAtTheBoundCountsAndSaysSoOnce()
    {
        _store.HangNext();
        Start(new ExposureLogOptions { Capacity = 100, Linger = TimeSpan.Zero });

        var taken = Enumerable.Range(0, 250).Count(_ => Log.TryWrite(Sample.Ranking()));

        Assert.Equal((100, 150L, 100L), (taken, Log.Dropped, Log.Waiting));
        Assert.Equal(150, _meters["pantheon.exposures.dropped full"]);
        Assert.Equal(100, _meters["pantheon.exposures.queue.length"]);
        Assert.Equal(["Warning 3003"], _lines.All);
        _store.Hang.SetResult();
        await Until(() => Log.Waiting == 0);
        Assert.Equal(100, _store.Stored);
        Assert.Equal(0, _meters["pantheon.exposures.queue.size"]);
        Assert.True(Log.TryWrite(Sample.Ranking()));
    }

    [Fact]
    public void TryWrite_WhenBytesAreManyAndRankingsFew_DropsAtTheBoundOfBytes()
    {
        _store.HangNext();
        Start(new ExposureLogOptions { CapacityBytes = 100_000, FeaturesShare = 1 });

        var taken = Enumerable.Range(0, 20).Count(_ => Log.TryWrite(Sample.Ranking() with { Features = new byte[9_600] }));

        Assert.Equal(10, taken);
    }

    [Fact]
    public async Task TryWrite_WhileTheStoreFails_KeepsRetriesSlowerAndSaysSoOnce()
    {
        _store.FailNext(4);
        Start(new ExposureLogOptions { Linger = TimeSpan.Zero, MaxRetryDelay = TimeSpan.FromMilliseconds(400), Capacity = 2 });
        Log.TryWrite(Sample.Ranking());
        foreach (var (index, pause) in new[] { 100, 200, 400, 400 }.Index())
        {
            await Until(() => _store.Calls == index + 1 && _time.Waiting == 1);
            Log.TryWrite(Sample.Ranking());
            _time.Advance(TimeSpan.FromMilliseconds(pause - 1));
            Assert.Equal(1, _time.Waiting);
            _time.Advance(TimeSpan.FromMilliseconds(1));
        }

        await Until(() => Log.Waiting == 0);
        Assert.Equal((2, 3L), (_store.Stored, Log.Dropped));
        Assert.Equal(["Warning 3001", "Information 3002"], _lines.All);
        Assert.Equal(4, _meters["pantheon.exposures.write.duration failed"]);

        // The next outage is another one.
        _store.FailNext(1);
        Log.TryWrite(Sample.Ranking());
        await Until(() => _lines.All.Count == 3 && _time.Waiting == 1);
        _time.Advance(TimeSpan.FromMilliseconds(100));
        await Until(() => _lines.All.Count == 4);
    }

    [Fact]
    public void TryWrite_WhatCannotBeStored_IsDroppedAndCounted()
    {
        Start(new ExposureLogOptions());

        Assert.False(Log.TryWrite(Sample.Ranking() with { Id = Guid.NewGuid() }));

        Assert.Equal(1, _meters["pantheon.exposures.dropped invalid"]);
    }

    [Fact]
    public async Task TryWrite_AfterDispose_IsDroppedAndCounted()
    {
        Start(new ExposureLogOptions());
        await Log.DisposeAsync();

        Assert.False(Log.TryWrite(Sample.Ranking()));
        Assert.Equal(1, Log.Dropped);
        Assert.Throws<ObjectDisposedException>(() => { _ = Log.FlushAsync(); });
    }

    [Theory]
    [InlineData(0)]
    [InlineData(0.25)]
    [InlineData(1)]
    public void WantsFeatures_ByTheId_IsTheStatedShare(double share)
    {
        Start(new ExposureLogOptions { FeaturesShare = share });
        var ids = Enumerable.Range(0, 20_000).Select(_ => RankingId.New(Sample.Noon)).ToList();

        var wanted = ids.Where(Log.WantsFeatures).ToList();

        // Five standard deviations.
        Assert.InRange(wanted.Count / 20_000.0, share - (5 * Math.Sqrt(share * (1 - share) / 20_000)), share + (5 * Math.Sqrt(share * (1 - share) / 20_000)));
        Assert.All(wanted, id => Assert.True(Log.WantsFeatures(id)));
    }

    [Fact]
    public async Task TryWrite_FeaturesNotWanted_AreLeftOut()
    {
        Start(new ExposureLogOptions { FeaturesShare = 0, Linger = TimeSpan.Zero });
        Log.TryWrite(Sample.Ranking() with { Features = new byte[10] });

        await Log.FlushAsync();

        Assert.Equal(0, _store.FeatureBytes);
        Assert.Equal(1, _store.Stored);
    }

    [Fact]
    public async Task Dispose_WithRankingsWaiting_StoresThemWithoutLingering()
    {
        Start(new ExposureLogOptions());
        for (var index = 0; index < 5000; index++)
        {
            Log.TryWrite(Sample.Ranking());
        }

        await Log.DisposeAsync();
        await Log.DisposeAsync();

        Assert.Equal(5000, _store.Stored);
        Assert.Equal(0, Log.Dropped);
    }

    [Fact]
    public async Task Dispose_WhenTheStoreHangs_GivesUpInTimeCountsAndSaysSo()
    {
        _store.HangNext();
        Start(new ExposureLogOptions { Linger = TimeSpan.Zero });
        Log.TryWrite(Sample.Ranking());
        await Until(() => _store.Calls == 1);
        Log.TryWrite(Sample.Ranking());
        var flush = Log.FlushAsync();

        var stop = Log.DisposeAsync().AsTask();
        await Until(() => Moved(stop));

        Assert.Equal(2, Log.Dropped);
        Assert.Equal(["Warning 3004"], _lines.All);
        _store.Hang.SetResult();
        await Assert.ThrowsAsync<ObjectDisposedException>(() => flush);
    }

    [Fact]
    public async Task Store_ThatRefusesABatch_CostsThatBatchOnly()
    {
        _store.FailNext(1, new ArgumentException("a bug"));
        Start(new ExposureLogOptions { Linger = TimeSpan.Zero });
        Log.TryWrite(Sample.Ranking());
        await Log.FlushAsync();

        Log.TryWrite(Sample.Ranking());
        await Log.FlushAsync();

        Assert.Equal((1, 1L), (_store.Stored, Log.Dropped));
        Assert.Equal(["Error 3005"], _lines.All);
    }

    [Fact]
    public async Task DeleteUser_WithRankingsWaiting_TakesThoseToo()
    {
        using var folder = new TemporaryFolder();
        await using var store = ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = folder["exposures.db"] });
        await using var log = new ExposureLog(store, new ExposureLogOptions(), _meters, _lines);
        for (var index = 0; index < 300; index++)
        {
            log.TryWrite(Sample.Ranking(user: $"user-{index % 2}"));
        }

        Assert.Equal(150, (await log.DeleteUserAsync("user-1")).Rankings);

        Assert.Equal(150, (await store.StatisticsAsync()).Rankings);
    }

    [Fact]
    public void TryWrite_WithoutFeatures_AllocatesItsPlaceOnly()
    {
        _store.HangNext();
        Start(new ExposureLogOptions());
        Ranking[] rankings = [.. Enumerable.Range(0, 2000).Select(_ => Sample.Ranking())];
        Log.TryWrite(rankings[0]);
        var before = GC.GetAllocatedBytesForCurrentThread();

        foreach (var ranking in rankings)
        {
            Log.TryWrite(ranking);
        }

        // The queue doubles as it grows: up to twice a place of 24 bytes for each, and what the first call compiles.
        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 2000.0, 0, 128);
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.Equal("FeaturesShare: got NaN, expected between 0 and 1", Message(new ExposureLogOptions { FeaturesShare = double.NaN }));
        Assert.Equal("Capacity: got 0, expected at least 1", Message(new ExposureLogOptions { Capacity = 0 }));
        Assert.Equal("MaxRetryDelay: got 00:00:00.0010000, expected at least 00:00:00.1000000", Message(new ExposureLogOptions { MaxRetryDelay = TimeSpan.FromMilliseconds(1) }));

        static string Message(ExposureLogOptions options) => Assert.Throws<ArgumentException>(options.Validate).Message;
    }

    private static Task Until(Func<bool> condition) => Poll.UntilAsync(() => Task.FromResult(condition()), "the log");

    // Moves time on, so that what waits for it ends.
    private bool Moved(Task stop)
    {
        _time.Advance(TimeSpan.FromSeconds(1));
        return stop.IsCompleted;
    }

    private void Start(ExposureLogOptions options) => _log = new ExposureLog(_store, options, _meters, _lines, _time);

    private sealed class FakeStore : IExposureStore
    {
        public Pantheon.Exposures.Notes.ISharedNotes Notes => throw new NotSupportedException();

        private int _failures;
        private Exception? _failure;
        private bool _hangs;
        private int _calls;

        public TaskCompletionSource Hang { get; } = new();

        public List<int> Batches { get; } = [];

        public int Calls => Volatile.Read(ref _calls);

        public int Stored => Batches.Sum();

        public int FeatureBytes { get; private set; }

        public void HangNext() => _hangs = true;

        public void FailNext(int times, Exception? failure = null) => (_failures, _failure) = (times, failure);

        public async Task<int> AppendAsync(IReadOnlyList<Ranking> rankings, CancellationToken cancellation = default)
        {
            Interlocked.Increment(ref _calls);
            if (_hangs)
            {
                await Hang.Task;
            }

            if (_failures-- > 0)
            {
                throw _failure ?? new ExposureStoreException("down");
            }

            FeatureBytes += rankings.Sum(ranking => ranking.Features.Length);
            Batches.Add(rankings.Count);
            return rankings.Count;
        }

        public Task<int> ReportAsync(IReadOnlyList<FeedbackReport> reports, CancellationToken cancellation = default) => throw new NotSupportedException();

        public IAsyncEnumerable<ReportedRanking> ReadAsync(ExposureWindow window, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<Removed> DeleteUserAsync(string userKey, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<Removed> TrimAsync(DateTimeOffset before, CancellationToken cancellation = default) => throw new NotSupportedException();

        public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellation = default) => throw new NotSupportedException();

        public ValueTask DisposeAsync() => ValueTask.CompletedTask;
    }

    // Sums of counters, counts of histograms and values of gauges, by name and tag.
    private sealed class Meters : IMeterFactory
    {
        private readonly MeterListener _listener = new();
        private readonly Dictionary<string, double> _values = [];
        private readonly List<Meter> _meters = [];

        public Meters()
        {
            _listener.InstrumentPublished = (instrument, listener) =>
            {
                if (_meters.Contains(instrument.Meter))
                {
                    listener.EnableMeasurementEvents(instrument);
                }
            };
            _listener.SetMeasurementEventCallback<long>((instrument, value, tags, _) => Record(instrument, value, tags));
            _listener.SetMeasurementEventCallback<double>((instrument, _, tags, _) => Record(instrument, 1, tags));
            _listener.Start();
        }

        public double this[string name]
        {
            get
            {
                _listener.RecordObservableInstruments();
                lock (_values)
                {
                    return _values.GetValueOrDefault(name);
                }
            }
        }

        public Meter Create(MeterOptions options)
        {
            var meter = new Meter(options);
            _meters.Add(meter);
            return meter;
        }

        public void Dispose()
        {
            _listener.Dispose();
            _meters.ForEach(static meter => meter.Dispose());
        }

        private void Record(Instrument instrument, double value, ReadOnlySpan<KeyValuePair<string, object?>> tags)
        {
            lock (_values)
            {
                var name = tags.IsEmpty ? instrument.Name : $"{instrument.Name} {tags[0].Value}";
                _values[name] = instrument.IsObservable ? value : _values.GetValueOrDefault(name) + value;
            }
        }
    }
}

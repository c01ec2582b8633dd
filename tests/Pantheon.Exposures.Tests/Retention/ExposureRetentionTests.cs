using Pantheon.Exposures.Retention;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Sqlite;

namespace Pantheon.Exposures.Tests.Retention;

public sealed class ExposureRetentionTests : IDisposable
{
    private readonly TemporaryFolder _folder = new();
    private readonly ManualTime _time = new(Sample.Noon);
    private readonly Lines<ExposureRetention> _lines = new();

    public void Dispose() => _folder.Dispose();

    [Fact]
    public async Task Loop_AsDaysPass_RemovesTheOldestAndSaysSo()
    {
        await using var store = Open();
        await store.AppendAsync([.. Enumerable.Range(0, 4).Select(day => Sample.Ranking(Sample.Noon.AddDays(-day)))]);
        await using var retention = new ExposureRetention(store, new RetentionOptions { Keep = TimeSpan.FromDays(2) }, _lines, _time);

        // Two days before noon is in a day that stays whole.
        await Until(() => _lines.All.Count == 1 && _time.Waiting == 1);
        Assert.Equal(3, (await store.StatisticsAsync()).Rankings);

        for (var hour = 0; hour < 12; hour++)
        {
            await Until(() => _time.Waiting == 1);
            _time.Advance(TimeSpan.FromHours(1));
        }

        await Until(() => _lines.All.Count == 2);
        Assert.Equal(2, (await store.StatisticsAsync()).Rankings);
        Assert.All(_lines.All, line => Assert.Equal("Information 3021", line));
    }

    [Fact]
    public async Task Loop_WhenTheStoreFails_SaysSoAndTriesAgain()
    {
        await using var store = Open();
        await store.AppendAsync([Sample.Ranking(Sample.Noon.AddDays(-40))]);
        using var other = SqliteDatabase.OpenWriter(new SqliteStoreOptions { Path = _folder["exposures.db"] });
        SqliteDatabase.Execute(other, "BEGIN IMMEDIATE");
        await using var retention = new ExposureRetention(store, new RetentionOptions(), _lines, _time);
        await Until(() => _lines.All.Count == 1 && _time.Waiting == 1);
        SqliteDatabase.Execute(other, "ROLLBACK");

        _time.Advance(TimeSpan.FromHours(1));

        await Until(() => _lines.All.Count == 2);
        Assert.Equal(["Warning 3022", "Information 3021"], _lines.All);
    }

    [Fact]
    public async Task Loop_ToKeepForEver_RemovesNothing()
    {
        await using var store = Open();
        await store.AppendAsync([Sample.Ranking(Sample.Noon.AddYears(-40))]);

        await using (new ExposureRetention(store, new RetentionOptions { Keep = null }, _lines, _time))
        {
            Assert.Equal(0, _time.Waiting);
        }

        Assert.Equal(1, (await store.StatisticsAsync()).Rankings);
    }

    [Fact]
    public void Options_OutOfRange_AreNamed()
    {
        Assert.Equal("Keep: got 00:00:00, expected at least 1.00:00:00", Assert.Throws<ArgumentException>((new RetentionOptions { Keep = TimeSpan.Zero }).Validate).Message);
        Assert.Equal("Interval: got 00:00:00, expected at least 00:01:00", Assert.Throws<ArgumentException>((new RetentionOptions { Interval = TimeSpan.Zero }).Validate).Message);
    }

    private static Task Until(Func<bool> condition) => Poll.UntilAsync(() => Task.FromResult(condition()), "retention");

    private IExposureStore Open() => ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = _folder["exposures.db"], BusyTimeout = TimeSpan.FromMilliseconds(50) }, _time);
}

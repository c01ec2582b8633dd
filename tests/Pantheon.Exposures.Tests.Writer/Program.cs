using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Postgres;
using Pantheon.Exposures.Stores.Sqlite;

// sqlite PATH | postgres CONNECTION: stores batches of three rankings and then their reports without end, in four tasks. Says
// "ranked ID ID ID" and "reported ID ID ID" after each that the store has acknowledged; what fails is tried again until it is.
var (kind, where) = (args[0], args[1]);
await using var store = kind == "sqlite"
    ? ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = where })
    : await ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = where });
await Task.WhenAll(Enumerable.Range(0, 4).Select(_ => Task.Run(WriteAsync)));

async Task WriteAsync()
{
    while (true)
    {
        var batch = Guid.NewGuid().ToString();
        Ranking[] rankings = [.. Enumerable.Range(0, 3).Select(_ => Make(batch))];
        var ids = string.Join(' ', rankings.Select(ranking => ranking.Id));
        await UntilStoredAsync(() => store.AppendAsync(rankings));
        Console.WriteLine($"ranked {ids}");
        await UntilStoredAsync(() => store.ReportAsync([.. rankings.Select(ranking => new FeedbackReport(ranking.Id, [new ItemFeedback(1, 5, new Dictionary<string, double> { ["click"] = 1 })]))]));
        Console.WriteLine($"reported {ids}");
    }
}

static async Task UntilStoredAsync(Func<Task<int>> store)
{
    while (true)
    {
        try
        {
            await store();
            return;
        }
        catch (ExposureStoreException)
        {
            // The server is being restarted.
            await Task.Delay(10);
        }
    }
}

static Ranking Make(string batch) => new()
{
    Id = RankingId.New(DateTimeOffset.UtcNow),
    RequestId = batch,
    UserKey = "somebody",
    Scenario = "feed",
    Model = "demo",
    Version = 1,
    Digest = "none",
    Arm = RankingArm.Base,
    Candidates = 2,
    Items = [new RankedExposure(0, 10, 1), new RankedExposure(1, 11, 0.5f)],
    Features = new byte[500],
};

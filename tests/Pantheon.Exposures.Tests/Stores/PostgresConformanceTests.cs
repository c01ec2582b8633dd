using Npgsql;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Postgres;
using Xunit.Abstractions;

namespace Pantheon.Exposures.Tests.Stores;

public sealed class PostgresConformanceTests(PostgresFixture fixture, ITestOutputHelper output) : ExposureStoreConformance, IClassFixture<PostgresFixture>
{
    private string? _database;

    [StoreFact]
    public async Task Append_OnManyDays_MakesAPartitionForEach()
    {
        await Store.AppendAsync([.. Enumerable.Range(0, 5).Select(day => Sample.Ranking(Sample.Noon.AddDays(day)))]);

        Assert.Equal(
            "rankings_20240725,rankings_20240726,rankings_20240727,rankings_20240728,rankings_20240729",
            await ScalarAsync("SELECT string_agg(relname, ',' ORDER BY relname) FROM pg_class WHERE relname ~ '^rankings_[0-9]{8}$'"));
        await Store.TrimAsync(Sample.Noon.AddDays(3));
        Assert.Equal(2L, await ScalarAsync("SELECT count(*) FROM pg_inherits WHERE inhparent = 'pantheon_exposures.reports'::regclass"));
    }

    [StoreFact]
    public async Task Append_AfterAnotherReplicaTrimmed_MakesThePartitionAgain()
    {
        await using var replica = await OpenAsync(Time);
        await Store.AppendAsync([Sample.Ranking()]);
        await replica.TrimAsync(Sample.Noon.AddDays(1));

        Assert.Equal(1, await Store.AppendAsync([Sample.Ranking()]));
    }

    // A backup reads for hours: a new day must not wait for it, nor the replicas for the new day.
    [StoreFact]
    public async Task AnyCall_WhileSomebodyReadsTheTablesForLong_GoesOnAndOnlyTrimSaysSo()
    {
        await Store.AppendAsync([Sample.Ranking()]);
        await using var connection = new NpgsqlConnection(_database);
        await connection.OpenAsync();
        await using (var reading = await connection.BeginTransactionAsync())
        {
            await using var command = new NpgsqlCommand("SELECT count(*) FROM pantheon_exposures.rankings, pantheon_exposures.reports", connection);
            await command.ExecuteScalarAsync();

            Assert.Equal(1, await Store.AppendAsync([Sample.Ranking(Sample.Noon.AddDays(1))]));
            var exception = await Assert.ThrowsAsync<ExposureStoreException>(() => Store.TrimAsync(Sample.Noon.AddDays(1)));

            Assert.Contains("somebody has been holding a lock on its tables", exception.Message, StringComparison.Ordinal);
            Assert.Equal(1, await Store.AppendAsync([Sample.Ranking()]));
        }

        Assert.Equal(new Removed(2, 0), await Store.TrimAsync(Sample.Noon.AddDays(1)));
    }

    [StoreFact]
    public async Task Open_BySeveralReplicasAtOnce_MakesTheTablesOnce()
    {
        _database = await fixture.Server.CreateDatabaseAsync();

        var stores = await Task.WhenAll(Enumerable.Range(0, 8).Select(_ => Task.Run(() => OpenAsync(Time))));
        var counts = await Task.WhenAll(stores.Select(store => store.AppendAsync([Sample.Ranking()])));

        Assert.Equal(8, counts.Sum());
        foreach (var store in stores)
        {
            await store.DisposeAsync();
        }
    }

    [StoreFact]
    public async Task Open_ANewerStoreOrAnotherPrograms_IsRefused()
    {
        await ScalarAsync("UPDATE pantheon_exposures.state SET version = 3");
        var newer = await Assert.ThrowsAsync<ExposureStoreException>(() => OpenAsync(Time));
        Assert.EndsWith("got a store of schema version 3, expected 2; it needs another version of this program", newer.Message, StringComparison.Ordinal);

        await ScalarAsync("DROP TABLE pantheon_exposures.state");
        var foreign = await Assert.ThrowsAsync<ExposureStoreException>(() => OpenAsync(Time));
        Assert.EndsWith("got a schema 'pantheon_exposures' of another program, expected a store of exposures or no schema", foreign.Message, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Open_WhatIsNotThere_SaysSo()
    {
        var nowhere = await Assert.ThrowsAsync<ExposureStoreException>(
            () => ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = "Host=/nowhere;Username=u;Password=secret;Database=d" }));
        Assert.StartsWith("PostgreSQL /nowhere/d: it cannot be reached", nowhere.Message, StringComparison.Ordinal);
        Assert.DoesNotContain("secret", nowhere.ToString(), StringComparison.Ordinal);

        var missing = await Assert.ThrowsAsync<ExposureStoreException>(
            () => ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = _database!.Replace("Database=", "Database=no_", StringComparison.Ordinal) }));
        Assert.Contains("the database is not there", missing.Message, StringComparison.Ordinal);
        await Assert.ThrowsAsync<ArgumentException>(
            () => ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = _database!, Schema = "a; DROP" }));
    }

    [StoreFact]
    public async Task AnyCall_WhenTheServerTakesNoWrites_SaysSo()
    {
        await ScalarAsync($"ALTER DATABASE {new NpgsqlConnectionStringBuilder(_database).Database} SET default_transaction_read_only = on");
        await using var store = await OpenAsync(Time);

        var exception = await Assert.ThrowsAsync<ExposureStoreException>(() => store.AppendAsync([Sample.Ranking()]));

        Assert.Contains("it takes no writes; is it a standby?", exception.Message, StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Read_AWindowOfOneDay_LooksAtNoOtherPartition()
    {
        await Store.AppendAsync([.. Enumerable.Range(0, 5).Select(day => Sample.Ranking(Sample.Noon.AddDays(-day)))]);

        var plan = await ScalarAsync(
            "EXPLAIN (FORMAT JSON) SELECT id FROM pantheon_exposures.rankings "
            + "WHERE at >= '2024-07-25 12:00+00' AND at <= '2024-07-25 13:00+00' AND id >= '0198c3a5-0000-0000-0000-000000000000' ORDER BY at, id LIMIT 513");

        Assert.Contains("rankings_20240725", plan!.ToString(), StringComparison.Ordinal);
        Assert.DoesNotContain("rankings_20240724", plan.ToString(), StringComparison.Ordinal);
    }

    [StoreFact]
    public async Task Size_OfARequestOfTenItems_IsWhatTheDocumentSays()
    {
        foreach (var chunk in Requests.TenThousand())
        {
            await Store.AppendAsync(chunk);
        }

        var each = (await Store.StatisticsAsync()).Bytes / 10_000.0;
        output.WriteLine($"{each:0.0} bytes per request of 10 items, without features");
        Assert.InRange(each, 300, 450);
        foreach (var chunk in Requests.TenThousand())
        {
            await Store.ReportAsync([.. chunk.Select(Requests.Feedback)]);
        }

        var told = ((await Store.StatisticsAsync()).Bytes / 10_000.0) - each;
        output.WriteLine($"{told:0.0} bytes per report");
        Assert.InRange(told, 150, 250);
    }

    [StoreFact]
    public async Task Open_AStoreOfVersionOne_AddsWhatIsNew()
    {
        await ScalarAsync("DROP TABLE pantheon_exposures.notes; DROP TABLE pantheon_exposures.leases; UPDATE pantheon_exposures.state SET version = 1");

        await using var store = await OpenAsync(Time);

        Assert.Equal(1, await store.Notes.WriteAsync("a", "b"));
    }

    [StoreFact]
    public async Task Notes_WrittenByAnother_AreHeardOf()
    {
        await using var replica = await OpenAsync(Time);
        await using var watch = replica.Notes.WatchAsync().GetAsyncEnumerator();
        var heard = watch.MoveNextAsync().AsTask();

        // Until it listens nobody hears: written again and again.
        while (await Task.WhenAny(heard, Task.Delay(50)) != heard)
        {
            await Store.Notes.WriteAsync("traffic/m", "1");
        }

        Assert.True(await heard);
        Assert.Equal("traffic/m", watch.Current);
    }

    protected override async Task<IExposureStore> OpenAsync(TimeProvider time)
    {
        _database ??= await fixture.Server.CreateDatabaseAsync();
        return await ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = _database }, time);
    }

    protected override Task ForgetAsync()
    {
        _database = null;
        return Task.CompletedTask;
    }

    private async Task<object?> ScalarAsync(string sql)
    {
        await using var source = NpgsqlDataSource.Create(_database!);
        await using var command = source.CreateCommand(sql);
        return await command.ExecuteScalarAsync();
    }
}

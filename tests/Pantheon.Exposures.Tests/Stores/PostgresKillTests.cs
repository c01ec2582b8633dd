using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Postgres;
using Xunit.Abstractions;

namespace Pantheon.Exposures.Tests.Stores;

/// <summary>kill -9 of whoever writes, and of the server: nothing acknowledged is lost, nothing is there twice or in part.</summary>
public sealed class PostgresKillTests(PostgresFixture fixture, ITestOutputHelper output) : IClassFixture<PostgresFixture>
{
    private readonly HashSet<Guid> _ranked = [];
    private readonly HashSet<Guid> _reported = [];
    private readonly Random _random = new(6);

    [StoreFact]
    public async Task Kill_OfTheProcess_LosesNothingAcknowledged()
    {
        var database = await fixture.Server.CreateDatabaseAsync();
        for (var round = 0; round < 8; round++)
        {
            using var writer = new Writer(_ranked, _reported, "postgres", database);
            writer.Read(_random.Next(1, 100));
            Thread.SpinWait(_random.Next(500_000));
            writer.Kill();
            await CheckAsync(database);
        }
    }

    [StoreFact]
    public async Task Kill_OfTheServer_LosesNothingAcknowledged()
    {
        var database = await fixture.Server.CreateDatabaseAsync();
        using var writer = new Writer(_ranked, _reported, "postgres", database);
        for (var round = 0; round < 5; round++)
        {
            writer.Read(_random.Next(1, 100));
            Thread.SpinWait(_random.Next(500_000));
            fixture.Server.Kill();
            await fixture.Server.StartAsync();
            writer.Read(20);
        }

        writer.Kill();
        await CheckAsync(database);
    }

    private async Task CheckAsync(string database)
    {
        await using var store = await ExposureStores.OpenPostgresAsync(new PostgresStoreOptions { ConnectionString = database });
        var unknown = await Writer.CheckAsync(store, _ranked, _reported);
        output.WriteLine($"{_ranked.Count} rankings and {_reported.Count} reports acknowledged; {unknown} batches were there without their writer knowing");
        Assert.True(_ranked.Count > 0);
    }
}

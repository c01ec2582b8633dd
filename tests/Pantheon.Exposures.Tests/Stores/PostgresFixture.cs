namespace Pantheon.Exposures.Tests.Stores;

/// <summary>A PostgreSQL for the tests of a class, where there is one; without it they are skipped.</summary>
public sealed class PostgresFixture : IAsyncLifetime
{
    private PostgresServer? _server;

    public PostgresServer Server => _server!;

    public async Task InitializeAsync() => _server = ForeignTools.Find(Tool.Postgres) is null ? null : await PostgresServer.CreateAsync();

    public async Task DisposeAsync()
    {
        if (_server is not null)
        {
            await _server.DisposeAsync();
        }
    }
}

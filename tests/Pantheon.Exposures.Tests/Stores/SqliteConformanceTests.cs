using Pantheon.Exposures.Stores;
using Pantheon.Exposures.Stores.Sqlite;

namespace Pantheon.Exposures.Tests.Stores;

public sealed class SqliteConformanceTests : ExposureStoreConformance
{
    private readonly TemporaryFolder _folder = new();
    private int _store;

    public override async Task DisposeAsync()
    {
        await base.DisposeAsync();
        _folder.Dispose();
    }

    protected override Task<IExposureStore> OpenAsync(TimeProvider time) =>
        Task.FromResult(ExposureStores.OpenSqlite(new SqliteStoreOptions { Path = _folder[$"exposures-{_store}.db"] }, time));

    protected override Task ForgetAsync()
    {
        _store++;
        return Task.CompletedTask;
    }
}

using Pantheon.Exposures.Stores.Postgres;
using Pantheon.Exposures.Stores.Sqlite;

namespace Pantheon.Exposures.Stores;

/// <summary>Opens stores.</summary>
public static class ExposureStores
{
    /// <summary>The embedded store: one file, for one replica and whoever else on its machine.</summary>
    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    /// <exception cref="ExposureStoreException">The file cannot be opened, is damaged, newer, or not ours.</exception>
    public static IExposureStore OpenSqlite(SqliteStoreOptions options, TimeProvider? time = null) =>
        SqliteExposureStore.Open(options, time ?? TimeProvider.System);

    /// <summary>The store that replicas share.</summary>
    /// <exception cref="ArgumentException">The options are out of their ranges.</exception>
    /// <exception cref="ExposureStoreException">The server cannot be reached, or the schema is newer or not ours.</exception>
    public static async Task<IExposureStore> OpenPostgresAsync(
        PostgresStoreOptions options, TimeProvider? time = null, CancellationToken cancellation = default) =>
        await PostgresExposureStore.OpenAsync(options, time ?? TimeProvider.System, cancellation).ConfigureAwait(false);
}

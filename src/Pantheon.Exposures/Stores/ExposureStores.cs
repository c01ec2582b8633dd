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
}

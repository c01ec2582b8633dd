namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>Where the embedded store is.</summary>
public sealed record SqliteStoreOptions
{
    /// <summary>The file; made if it is not there, in a folder that is. Beside it SQLite keeps PATH-wal and PATH-shm. Required.</summary>
    public required string Path { get; init; }

    /// <summary>
    /// How long to wait for another process that writes, above 0. Default 5 seconds: a write takes milliseconds, so whoever waits longer
    /// waits for a process that hangs.
    /// </summary>
    public TimeSpan BusyTimeout { get; init; } = TimeSpan.FromSeconds(5);

    /// <summary>Pages of 4 KiB that the file may have, for the tests of a full disk; 0: as many as SQLite can.</summary>
    internal long MaxPages { get; init; }

    internal void Validate()
    {
        if (string.IsNullOrWhiteSpace(Path))
        {
            throw new ArgumentException($"{nameof(Path)}: got an empty path, expected a file");
        }

        Setting.AtLeast(nameof(BusyTimeout), BusyTimeout, TimeSpan.FromMilliseconds(1));
    }
}

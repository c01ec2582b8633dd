using Microsoft.Data.Sqlite;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>Opens connections to the file, and makes it or refuses it.</summary>
internal static class SqliteDatabase
{
    // "PaEx": what file(1) and we know the file by.
    private const long ApplicationId = 0x50614578;
    private const long SchemaVersion = 2;

    // Ids come in the order of time, so rows without a rowid fill their pages and a window is one stretch of them.
    private const string Schema = """
        CREATE TABLE rankings (id BLOB PRIMARY KEY, user_key TEXT NOT NULL, stored INTEGER NOT NULL, body BLOB NOT NULL) WITHOUT ROWID;
        CREATE INDEX rankings_user ON rankings (user_key);
        CREATE TABLE reports (
            ranking_id BLOB NOT NULL, fingerprint BLOB NOT NULL, received INTEGER NOT NULL, body BLOB NOT NULL,
            PRIMARY KEY (ranking_id, fingerprint)) WITHOUT ROWID;
        CREATE TABLE state (sealed INTEGER NOT NULL);
        INSERT INTO state VALUES (0);
        """;

    // What version 2 added.
    private const string Notes = """
        CREATE TABLE notes (key TEXT PRIMARY KEY, text TEXT NOT NULL, revision INTEGER NOT NULL, written INTEGER NOT NULL) WITHOUT ROWID;
        CREATE TABLE leases (key TEXT PRIMARY KEY, owner TEXT NOT NULL, ends INTEGER NOT NULL) WITHOUT ROWID;
        """;

    public static SqliteConnection OpenWriter(SqliteStoreOptions options)
    {
        var connection = Open(options);
        try
        {
            // Nothing is written to a file before it is known to be ours or empty.
            Check(connection, options.Path);
            Execute(connection, "PRAGMA journal_mode = WAL");
            Execute(connection, "PRAGMA synchronous = FULL; PRAGMA secure_delete = ON");
            if (options.MaxPages > 0)
            {
                Execute(connection, $"PRAGMA max_page_count = {options.MaxPages}");
            }

            Execute(connection, "BEGIN IMMEDIATE");
            var version = Check(connection, options.Path);
            if (version < SchemaVersion)
            {
                Execute(connection, $"{(version == 0 ? Schema : "")} {Notes} PRAGMA application_id = {ApplicationId}; PRAGMA user_version = {SchemaVersion}");
            }

            Execute(connection, "COMMIT");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static SqliteConnection OpenReader(SqliteStoreOptions options)
    {
        var connection = Open(options);
        try
        {
            Execute(connection, "PRAGMA query_only = ON");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }

    public static void Execute(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        command.ExecuteNonQuery();
    }

    public static long Number(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is long number ? number : 0;
    }

    // The version of its schema; 0 if it is empty.
    private static long Check(SqliteConnection connection, string path)
    {
        var application = Number(connection, "PRAGMA application_id");
        var version = Number(connection, "PRAGMA user_version");
        if (application == 0 && version == 0 && Number(connection, "SELECT count(*) FROM sqlite_master") == 0)
        {
            return 0;
        }

        if (application != ApplicationId)
        {
            throw new ExposureStoreException($"{path}: got a SQLite file of another program, expected a store of exposures or no file");
        }

        return version is >= 1 and <= SchemaVersion
            ? version
            : throw new ExposureStoreException($"{path}: got a store of schema version {version}, expected {SchemaVersion}; it needs another version of this program");
    }

    private static SqliteConnection Open(SqliteStoreOptions options)
    {
        var text = new SqliteConnectionStringBuilder
        {
            DataSource = options.Path,
            Mode = SqliteOpenMode.ReadWriteCreate,
            Pooling = false,

            // The client's own waiting for a lock, over and above SQLite's.
            DefaultTimeout = 1,
        };
        var connection = new SqliteConnection(text.ToString());
        try
        {
            connection.Open();
            Execute(connection, $"PRAGMA busy_timeout = {(long)options.BusyTimeout.TotalMilliseconds}");
            return connection;
        }
        catch
        {
            connection.Dispose();
            throw;
        }
    }
}

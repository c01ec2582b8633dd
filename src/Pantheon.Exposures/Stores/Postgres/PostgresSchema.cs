using System.Globalization;
using Npgsql;
using NpgsqlTypes;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>The tables: made, refused, cut into days. Days of UTC are partitions, so that retention drops whole ones.</summary>
/// <param name="source">Connections.</param>
/// <param name="schema">The schema, fit to stand in a statement.</param>
internal sealed class PostgresSchema(NpgsqlDataSource source, string schema)
{
    private const int Version = 2;
    private const string DayFormat = "yyyyMMdd";

    // Dropping a partition needs its table to itself, and whoever comes meanwhile waits behind it: give up soon, and come again.
    private const string DropWait = "SET LOCAL lock_timeout = '2s'";

    // Locks of the database, by the hash of what one is for: two stores in two schemas keep out of each other's way.
    private readonly string _closing = $"hashtextextended('{schema} closing', 0)";
    private readonly string _tables = $"hashtextextended('{schema} tables', 0)";

    // Days that this process knows to have their partitions; replaced whole.
    private volatile HashSet<DateOnly> _days = [];

    public string Rankings { get; } = $"{schema}.rankings";

    public string Reports { get; } = $"{schema}.reports";

    public string State { get; } = $"{schema}.state";

    /// <summary>Held by all who store, together: as long as one of them does, no window closes.</summary>
    public string LockShared => $"SELECT pg_advisory_xact_lock_shared({_closing})";

    /// <summary>Held alone by whoever closes a window.</summary>
    public string LockAlone => $"SELECT pg_advisory_xact_lock({_closing})";

    /// <summary>Makes the tables if they are not there.</summary>
    /// <exception cref="ExposureStoreException">They are of another version, or another program's.</exception>
    public async Task CreateAsync(string where, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({_tables})", cancellation).ConfigureAwait(false);
        var tables = await ScalarAsync(
            connection, $"SELECT count(*) FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE n.nspname = '{schema}'", cancellation).ConfigureAwait(false);
        if (tables is 0L)
        {
            await ExecuteAsync(
                connection,
                $"""
                CREATE SCHEMA IF NOT EXISTS {schema};
                CREATE TABLE {State} (only_one boolean PRIMARY KEY DEFAULT true CHECK (only_one), version integer NOT NULL, sealed timestamptz NOT NULL);
                INSERT INTO {State} VALUES (true, 1, 'epoch');
                CREATE TABLE {Rankings} (
                    at timestamptz NOT NULL, id uuid NOT NULL, user_key text NOT NULL, stored timestamptz NOT NULL, body bytea NOT NULL,
                    PRIMARY KEY (at, id)) PARTITION BY RANGE (at);
                CREATE INDEX rankings_user ON {Rankings} (user_key);
                CREATE TABLE {Reports} (
                    at timestamptz NOT NULL, ranking_id uuid NOT NULL, fingerprint uuid NOT NULL, received timestamptz NOT NULL, body bytea NOT NULL,
                    PRIMARY KEY (at, ranking_id, fingerprint)) PARTITION BY RANGE (at);
                """,
                cancellation).ConfigureAwait(false);
        }

        if (!await ExistsAsync(connection, State, cancellation).ConfigureAwait(false))
        {
            throw new ExposureStoreException($"PostgreSQL {where}: got a schema '{schema}' of another program, expected a store of exposures or no schema");
        }

        var version = await ScalarAsync(connection, $"SELECT version FROM {State}", cancellation).ConfigureAwait(false);
        if (version is 1)
        {
            await ExecuteAsync(
                connection,
                $"""
                CREATE TABLE {schema}.notes (key text PRIMARY KEY, text text NOT NULL, revision bigint NOT NULL, written timestamptz NOT NULL);
                CREATE TABLE {schema}.leases (key text PRIMARY KEY, owner text NOT NULL, ends timestamptz NOT NULL);
                UPDATE {State} SET version = {Version};
                """,
                cancellation).ConfigureAwait(false);
            version = Version;
        }

        if (version is not Version)
        {
            throw new ExposureStoreException($"PostgreSQL {where}: got a store of schema version {version}, expected {Version}; it needs another version of this program");
        }

        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    /// <summary>Makes the partitions of days that rows are to be stored in.</summary>
    public async Task EnsureAsync(IEnumerable<DateTimeOffset> times, CancellationToken cancellation)
    {
        var days = times.Select(at => DateOnly.FromDateTime(at.UtcDateTime)).Distinct().Except(_days).Order().ToList();
        if (days.Count == 0)
        {
            return;
        }

        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        foreach (var day in days)
        {
            await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({_tables})", cancellation).ConfigureAwait(false);
            if (!await ExistsAsync(connection, Partition(Rankings, day), cancellation).ConfigureAwait(false))
            {
                await ExecuteAsync(connection, $"{Attach(Rankings, day)}; {Attach(Reports, day)}", cancellation).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }

        _days = [.. _days, .. days];
    }

    /// <summary>Forgets which days have partitions.</summary>
    public void Forget() => _days = [];

    /// <summary>Drops the partitions of the days before one, each in a transaction of its own.</summary>
    public async Task<Removed> DropAsync(DateOnly before, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        var removed = default(Removed);
        foreach (var day in await DaysAsync(connection, cancellation).ConfigureAwait(false))
        {
            if (day >= before)
            {
                continue;
            }

            await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
            await ExecuteAsync(connection, $"SELECT pg_advisory_xact_lock({_tables})", cancellation).ConfigureAwait(false);
            await ExecuteAsync(connection, DropWait, cancellation).ConfigureAwait(false);
            if (await ExistsAsync(connection, Partition(Rankings, day), cancellation).ConfigureAwait(false))
            {
                removed += new Removed(
                    (long)(await ScalarAsync(connection, $"SELECT count(*) FROM {Partition(Rankings, day)}", cancellation).ConfigureAwait(false))!,
                    (long)(await ScalarAsync(connection, $"SELECT count(*) FROM {Partition(Reports, day)}", cancellation).ConfigureAwait(false))!);
                await ExecuteAsync(connection, $"DROP TABLE {Partition(Rankings, day)}; DROP TABLE {Partition(Reports, day)}", cancellation).ConfigureAwait(false);
            }

            await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        }

        Forget();
        return removed;
    }

    public static async Task<int> ExecuteAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
    }

    public static async Task<object?> ScalarAsync(NpgsqlConnection connection, string sql, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(sql, connection);
        return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
    }

    public static NpgsqlParameter Time(DateTimeOffset at) => new() { Value = at.ToUniversalTime(), NpgsqlDbType = NpgsqlDbType.TimestampTz };

    private static string Partition(string table, DateOnly day) => $"{table}_{day.ToString(DayFormat, CultureInfo.InvariantCulture)}";

    // CREATE TABLE ... PARTITION OF would lock the whole table, wait for whoever reads it, a backup say, and make all others wait behind it.
    // ATTACH waits for no reader or writer, and makes the indices too.
    private static string Attach(string table, DateOnly day) =>
        $"CREATE TABLE {Partition(table, day)} (LIKE {table} INCLUDING ALL EXCLUDING INDEXES); "
        + $"ALTER TABLE {table} ATTACH PARTITION {Partition(table, day)} "
        + $"FOR VALUES FROM ('{day:yyyy-MM-dd} 00:00:00+00') TO ('{day.AddDays(1):yyyy-MM-dd} 00:00:00+00')";

    private static async Task<bool> ExistsAsync(NpgsqlConnection connection, string table, CancellationToken cancellation) =>
        await ScalarAsync(connection, $"SELECT to_regclass('{table}') IS NOT NULL", cancellation).ConfigureAwait(false) is true;

    private async Task<List<DateOnly>> DaysAsync(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await using var command = new NpgsqlCommand(
            $"SELECT c.relname FROM pg_inherits i JOIN pg_class c ON c.oid = i.inhrelid WHERE i.inhparent = '{Rankings}'::regclass ORDER BY 1", connection);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        List<DateOnly> days = [];
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            // A partition that is not one of ours stays as it is.
            var name = rows.GetString(0);
            if (name.Length > DayFormat.Length && DateOnly.TryParseExact(name.AsSpan(name.Length - DayFormat.Length), DayFormat, CultureInfo.InvariantCulture, DateTimeStyles.None, out var day))
            {
                days.Add(day);
            }
        }

        return days;
    }
}

using System.Runtime.CompilerServices;
using System.Threading.Channels;
using Npgsql;
using NpgsqlTypes;
using Pantheon.Exposures.Notes;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>Notes of all replicas. The server's clock is the one clock; NOTIFY carries a key to whoever listens, at the commit.</summary>
internal sealed class PostgresNotes(NpgsqlDataSource source, string schema, string where) : ISharedNotes
{
    private readonly string _columns = $"SELECT key, text, revision, written FROM {schema}.notes";

    // A channel's name is an identifier of at most 63 bytes, as the schema's is.
    private readonly string _tell = $"pg_notify('{schema}', key) IS NULL";

    public async Task<Note?> ReadAsync(string key, CancellationToken cancellation = default) =>
        (await QueryAsync($"{_columns} WHERE key = $1", key, cancellation).ConfigureAwait(false)) is [var note] ? note : null;

    public Task<IReadOnlyList<Note>> ListAsync(string prefix, CancellationToken cancellation = default) =>
        QueryAsync($"{_columns} WHERE starts_with(key, $1) ORDER BY key COLLATE \"C\"", prefix, cancellation);

    public async Task<long?> WriteAsync(string key, string text, long? expected = null, CancellationToken cancellation = default)
    {
        NoteRules.Check(key, text);
        var (sql, rest) = expected switch
        {
            null => ($"INSERT INTO {schema}.notes VALUES ($1, $2, 1, now()) ON CONFLICT (key) DO UPDATE SET text = $2, revision = notes.revision + 1, written = now()", (long?)null),
            0 => ($"INSERT INTO {schema}.notes VALUES ($1, $2, 1, now()) ON CONFLICT DO NOTHING", null),
            { } revision => ($"UPDATE {schema}.notes SET text = $2, revision = revision + 1, written = now() WHERE key = $1 AND revision = $3", revision),
        };
        var written = await ScalarAsync(
            $"WITH one AS ({sql} RETURNING key, revision) SELECT revision, {_tell} FROM one",
            [key, text, .. rest is { } number ? [number] : Array.Empty<object>()], cancellation).ConfigureAwait(false);
        return written is long now ? now : null;
    }

    public async Task<bool> DeleteAsync(string key, CancellationToken cancellation = default) =>
        await ScalarAsync($"WITH one AS (DELETE FROM {schema}.notes WHERE key = $1 RETURNING key) SELECT 1, {_tell} FROM one", [key], cancellation)
            .ConfigureAwait(false) is not null;

    public async Task<bool> TryLeaseAsync(string key, string owner, TimeSpan length, CancellationToken cancellation = default)
    {
        NoteRules.Check(key);
        NoteRules.Check(owner);
        return await ScalarAsync(
            $"INSERT INTO {schema}.leases VALUES ($1, $2, clock_timestamp() + $3) ON CONFLICT (key) DO UPDATE SET owner = $2, ends = clock_timestamp() + $3 "
            + "WHERE leases.owner = $2 OR leases.ends <= clock_timestamp() RETURNING 1",
            [key, owner, length], cancellation).ConfigureAwait(false) is not null;
    }

    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        var connection = await PostgresFault.GuardAsync(where, source.OpenConnectionAsync(cancellation).AsTask()).ConfigureAwait(false);
        await using (connection.ConfigureAwait(false))
        {
            var heard = Channel.CreateUnbounded<string>();
            connection.Notification += (_, told) => heard.Writer.TryWrite(told.Payload);
            await PostgresFault.GuardAsync(where, PostgresSchema.ExecuteAsync(connection, $"LISTEN {schema}", cancellation)).ConfigureAwait(false);
            while (true)
            {
                while (heard.Reader.TryRead(out var key))
                {
                    yield return key;
                }

                await PostgresFault.GuardAsync(where, Heard(connection, cancellation)).ConfigureAwait(false);
            }
        }
    }

    private static async Task<bool> Heard(NpgsqlConnection connection, CancellationToken cancellation)
    {
        await connection.WaitAsync(cancellation).ConfigureAwait(false);
        return true;
    }

    private Task<IReadOnlyList<Note>> QueryAsync(string sql, string value, CancellationToken cancellation)
    {
        return PostgresFault.GuardAsync(where, Query());

        async Task<IReadOnlyList<Note>> Query()
        {
            await using var command = source.CreateCommand(sql);
            command.Parameters.Add(new NpgsqlParameter { Value = value });
            await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
            List<Note> notes = [];
            while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
            {
                notes.Add(new Note(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), rows.GetFieldValue<DateTimeOffset>(3)));
            }

            return notes;
        }
    }

    private Task<object?> ScalarAsync(string sql, object[] values, CancellationToken cancellation)
    {
        return PostgresFault.GuardAsync(where, Scalar());

        async Task<object?> Scalar()
        {
            await using var command = source.CreateCommand(sql);
            foreach (var value in values)
            {
                command.Parameters.Add(value is TimeSpan ? new NpgsqlParameter { Value = value, NpgsqlDbType = NpgsqlDbType.Interval } : new NpgsqlParameter { Value = value });
            }

            return await command.ExecuteScalarAsync(cancellation).ConfigureAwait(false);
        }
    }
}

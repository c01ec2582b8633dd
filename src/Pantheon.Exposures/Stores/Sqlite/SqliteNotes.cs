using System.Runtime.CompilerServices;
using Microsoft.Data.Sqlite;
using Pantheon.Exposures.Notes;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>Notes in the store's file. Whoever shares the file shares the machine, and so its clock.</summary>
internal sealed class SqliteNotes(SqliteStoreOptions options, SqliteWriter writer, TimeProvider time) : ISharedNotes
{
    private const string Columns = "SELECT key, text, revision, written FROM notes";

    public async Task<Note?> ReadAsync(string key, CancellationToken cancellation = default) =>
        (await QueryAsync($"{Columns} WHERE key = $1", key, cancellation).ConfigureAwait(false)) is [var note] ? note : null;

    public Task<IReadOnlyList<Note>> ListAsync(string prefix, CancellationToken cancellation = default) =>
        QueryAsync($"{Columns} WHERE substr(key, 1, length($1)) = $1 ORDER BY key", prefix, cancellation);

    public Task<long?> WriteAsync(string key, string text, long? expected = null, CancellationToken cancellation = default)
    {
        NoteRules.Check(key, text);
        return writer.RunAsync<long?>(
            session =>
            {
                var before = session.Number("SELECT revision FROM notes WHERE key = $1", key);
                if (expected is { } revision && revision != before)
                {
                    return null;
                }

                session.Execute(
                    "INSERT INTO notes VALUES ($1, $2, $3, $4) ON CONFLICT (key) DO UPDATE SET text = $2, revision = $3, written = $4",
                    key, text, before + 1, UnixMicroseconds.Of(time.GetUtcNow()));
                return before + 1;
            },
            cancellation);
    }

    public Task<bool> DeleteAsync(string key, CancellationToken cancellation = default) =>
        writer.RunAsync(session => session.Execute("DELETE FROM notes WHERE key = $1", key) > 0, cancellation);

    public Task<bool> TryLeaseAsync(string key, string owner, TimeSpan length, CancellationToken cancellation = default)
    {
        NoteRules.Check(key);
        NoteRules.Check(owner);
        return writer.RunAsync(
            session =>
            {
                var now = UnixMicroseconds.Of(time.GetUtcNow());
                return session.Execute(
                    "INSERT INTO leases VALUES ($1, $2, $3) ON CONFLICT (key) DO UPDATE SET owner = $2, ends = $3 WHERE owner = $2 OR ends <= $4",
                    key, owner, now + (length.Ticks / TimeSpan.TicksPerMicrosecond), now) > 0;
            },
            cancellation);
    }

    public async IAsyncEnumerable<string> WatchAsync([EnumeratorCancellation] CancellationToken cancellation = default)
    {
        // SQLite tells nobody.
        await Task.CompletedTask.ConfigureAwait(false);
        yield break;
    }

    private Task<IReadOnlyList<Note>> QueryAsync(string sql, string value, CancellationToken cancellation) => Task.Run<IReadOnlyList<Note>>(
        () =>
        {
            try
            {
                using var connection = SqliteDatabase.OpenReader(options);
                using var command = connection.CreateCommand();
                command.CommandText = sql;
                command.Parameters.AddWithValue("$1", value);
                using var rows = command.ExecuteReader();
                List<Note> notes = [];
                while (rows.Read())
                {
                    notes.Add(new Note(rows.GetString(0), rows.GetString(1), rows.GetInt64(2), UnixMicroseconds.ToTime(rows.GetInt64(3))));
                }

                return notes;
            }
            catch (Exception exception) when (SqliteFault.Is(exception))
            {
                throw SqliteFault.Of(options.Path, exception);
            }
        },
        cancellation);
}

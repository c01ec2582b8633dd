using Microsoft.Data.Sqlite;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>A connection that reads a window's pages; in WAL mode it and the writer do not wait for each other.</summary>
internal sealed class SqliteReader(SqliteStoreOptions options) : IAsyncDisposable
{
    private SqliteConnection? _connection;

    public static DateTimeOffset? Time(SqliteConnection connection, string sql)
    {
        using var command = connection.CreateCommand();
        command.CommandText = sql;
        return command.ExecuteScalar() is byte[] id ? RankingId.TimeOf(Id(id)) : null;
    }

    public Task<List<RankingRow>> RankingsAsync(Guid from, Guid to, int limit, CancellationToken cancellation) => RunAsync(
        $"SELECT id, user_key, stored, body FROM rankings WHERE id >= $1 AND id < $2 ORDER BY id LIMIT {limit}",
        from,
        to,
        static row => new RankingRow(Id(row), row.GetString(1), row.GetInt64(2), row.GetFieldValue<byte[]>(3)),
        cancellation);

    public Task<List<ReportRow>> ReportsAsync(Guid from, Guid to, CancellationToken cancellation) => RunAsync(
        "SELECT ranking_id, received, body FROM reports WHERE ranking_id >= $1 AND ranking_id < $2 ORDER BY ranking_id, fingerprint",
        from,
        to,
        static row => new ReportRow(Id(row), row.GetInt64(1), row.GetFieldValue<byte[]>(2)),
        cancellation);

    public ValueTask DisposeAsync() => _connection?.DisposeAsync() ?? ValueTask.CompletedTask;

    private static Guid Id(SqliteDataReader row) => Id(row.GetFieldValue<byte[]>(0));

    private static Guid Id(byte[] bytes)
    {
        var id = bytes.Length == 16 ? new Guid(bytes, bigEndian: true) : Guid.Empty;
        return RankingId.TryTimeOf(id, out _) ? id : throw BlobReader.Damaged("an id that is none");
    }

    // SQLite's calls block; a page is some milliseconds of the thread pool.
    private Task<List<T>> RunAsync<T>(string sql, Guid from, Guid to, Func<SqliteDataReader, T> read, CancellationToken cancellation) => Task.Run(
        () =>
        {
            try
            {
                _connection ??= SqliteDatabase.OpenReader(options);
                using var command = _connection.CreateCommand();
                command.CommandText = sql;
                command.Parameters.AddWithValue("$1", from.ToByteArray(bigEndian: true));
                command.Parameters.AddWithValue("$2", to.ToByteArray(bigEndian: true));
                using var rows = command.ExecuteReader();
                List<T> all = [];
                while (rows.Read())
                {
                    all.Add(read(rows));
                }

                return all;
            }
            catch (Exception exception) when (SqliteFault.Is(exception))
            {
                throw SqliteFault.Of(options.Path, exception);
            }
        },
        cancellation);
}

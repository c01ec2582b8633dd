using Npgsql;
using NpgsqlTypes;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>
/// Stores rows: COPY into a table of the connection's own, since COPY cannot pass over rows that are there, and from that one INSERT
/// that can. Rows go in in the order of their keys, so that replicas with the same rows wait for each other and never in a circle.
/// </summary>
internal sealed class PostgresWriter(NpgsqlDataSource source, PostgresSchema schema, TimeProvider time)
{
    // Reports come one by one from many callers: so few go as parameters, in two round trips instead of six.
    private const int Few = 64;

    public Task<int> AppendAsync(List<RankingRow> rows, CancellationToken cancellation) => StoreAsync(
        rows,
        static row => row.Id,
        new Staging(
            "CREATE TEMP TABLE IF NOT EXISTS new_rankings (at timestamptz, id uuid, user_key text, body bytea) ON COMMIT DELETE ROWS",
            "COPY new_rankings FROM STDIN (FORMAT BINARY)",
            $"INSERT INTO {schema.Rankings} (at, id, user_key, stored, body) SELECT at, id, user_key, greatest($1, (SELECT sealed FROM {schema.State})), body "
            + "FROM new_rankings ORDER BY at, id ON CONFLICT DO NOTHING"),
        static async (copy, row, stop) =>
        {
            await copy.WriteAsync(RankingId.ClockOf(row.Id), NpgsqlDbType.TimestampTz, stop).ConfigureAwait(false);
            await copy.WriteAsync(row.Id, NpgsqlDbType.Uuid, stop).ConfigureAwait(false);
            await copy.WriteAsync(row.UserKey, NpgsqlDbType.Text, stop).ConfigureAwait(false);
            await copy.WriteAsync(row.Body, NpgsqlDbType.Bytea, stop).ConfigureAwait(false);
        },
        cancellation);

    public Task<int> ReportAsync(List<ReportRow> rows, CancellationToken cancellation) => rows.Count <= Few
        ? RetryAsync(rows, static row => row.RankingId, stop => ReportFewAsync(rows, stop), cancellation)
        : StoreAsync(
            rows,
            static row => row.RankingId,
            new Staging(
                "CREATE TEMP TABLE IF NOT EXISTS new_reports (at timestamptz, ranking_id uuid, fingerprint uuid, body bytea) ON COMMIT DELETE ROWS",
                "COPY new_reports FROM STDIN (FORMAT BINARY)",
                InsertReports("new_reports")),
            static async (copy, row, stop) =>
            {
                await copy.WriteAsync(RankingId.ClockOf(row.RankingId), NpgsqlDbType.TimestampTz, stop).ConfigureAwait(false);
                await copy.WriteAsync(row.RankingId, NpgsqlDbType.Uuid, stop).ConfigureAwait(false);
                await copy.WriteAsync(FeedbackCodec.Fingerprint(row.Body), NpgsqlDbType.Uuid, stop).ConfigureAwait(false);
                await copy.WriteAsync(row.Body, NpgsqlDbType.Bytea, stop).ConfigureAwait(false);
            },
            cancellation);

    /// <summary>Closes: whatever is stored from now on has this time or a later one, and whatever has an earlier one can be read.</summary>
    public async Task CloseAsync(DateTimeOffset closedAt, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await PostgresSchema.ExecuteAsync(connection, schema.LockAlone, cancellation).ConfigureAwait(false);
        await using var command = new NpgsqlCommand($"UPDATE {schema.State} SET sealed = $1 WHERE sealed < $1", connection);
        command.Parameters.Add(PostgresSchema.Time(closedAt));
        await command.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
    }

    private async Task<int> StoreAsync<T>(
        List<T> rows, Func<T, Guid> id, Staging staging, Func<NpgsqlBinaryImporter, T, CancellationToken, Task> write, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        return await RetryAsync(rows, id, stop => TryStoreAsync(rows, staging, write, stop), cancellation).ConfigureAwait(false);
    }

    // Twice at most: another replica may have dropped a partition that was there.
    private async Task<int> RetryAsync<T>(List<T> rows, Func<T, Guid> id, Func<CancellationToken, Task<int>> store, CancellationToken cancellation)
    {
        for (var again = false; ; again = true)
        {
            await schema.EnsureAsync(rows.Select(row => RankingId.ClockOf(id(row))), cancellation).ConfigureAwait(false);
            try
            {
                return await store(cancellation).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (!again && PostgresFault.IsMissingPartition(exception))
            {
                schema.Forget();
            }
        }
    }

    private async Task<int> ReportFewAsync(List<ReportRow> rows, CancellationToken cancellation)
    {
        if (rows.Count == 0)
        {
            return 0;
        }

        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);

        // Both go out together, and the second begins when the first has the lock.
        await using var batch = new NpgsqlBatch(connection);
        batch.BatchCommands.Add(new NpgsqlBatchCommand(schema.LockShared));
        var insert = new NpgsqlBatchCommand(InsertReports("unnest($2, $3, $4, $5) AS few (at, ranking_id, fingerprint, body)"));
        insert.Parameters.Add(PostgresSchema.Time(time.GetUtcNow()));
        Add(NpgsqlDbType.TimestampTz, rows.ConvertAll(static row => RankingId.ClockOf(row.RankingId)));
        Add(NpgsqlDbType.Uuid, rows.ConvertAll(static row => row.RankingId));
        Add(NpgsqlDbType.Uuid, rows.ConvertAll(static row => FeedbackCodec.Fingerprint(row.Body)));
        Add(NpgsqlDbType.Bytea, rows.ConvertAll(static row => row.Body));
        batch.BatchCommands.Add(insert);
        await batch.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return (int)insert.RecordsAffected;

        void Add(NpgsqlDbType type, object values) => insert.Parameters.Add(new NpgsqlParameter { Value = values, NpgsqlDbType = NpgsqlDbType.Array | type });
    }

    private string InsertReports(string from) =>
        $"INSERT INTO {schema.Reports} (at, ranking_id, fingerprint, received, body) SELECT at, ranking_id, fingerprint, greatest($1, (SELECT sealed FROM {schema.State})), body "
        + $"FROM {from} ORDER BY at, ranking_id, fingerprint ON CONFLICT DO NOTHING";

    private async Task<int> TryStoreAsync<T>(
        List<T> rows, Staging staging, Func<NpgsqlBinaryImporter, T, CancellationToken, Task> write, CancellationToken cancellation)
    {
        await using var connection = await source.OpenConnectionAsync(cancellation).ConfigureAwait(false);
        await using var transaction = await connection.BeginTransactionAsync(cancellation).ConfigureAwait(false);
        await PostgresSchema.ExecuteAsync(connection, staging.Create, cancellation).ConfigureAwait(false);
        await using (var copy = await connection.BeginBinaryImportAsync(staging.Copy, cancellation).ConfigureAwait(false))
        {
            foreach (var row in rows)
            {
                await copy.StartRowAsync(cancellation).ConfigureAwait(false);
                await write(copy, row, cancellation).ConfigureAwait(false);
            }

            await copy.CompleteAsync(cancellation).ConfigureAwait(false);
        }

        // Only now, and until the commit: whoever closes a window waits for this lock. The statement after it sees the closing.
        await PostgresSchema.ExecuteAsync(connection, schema.LockShared, cancellation).ConfigureAwait(false);
        await using var insert = new NpgsqlCommand(staging.Insert, connection);
        insert.Parameters.Add(PostgresSchema.Time(time.GetUtcNow()));
        var stored = await insert.ExecuteNonQueryAsync(cancellation).ConfigureAwait(false);
        await transaction.CommitAsync(cancellation).ConfigureAwait(false);
        return stored;
    }

    // Three statements: the connection's own table, the way into it, and the way on.
    private readonly record struct Staging(string Create, string Copy, string Insert);
}

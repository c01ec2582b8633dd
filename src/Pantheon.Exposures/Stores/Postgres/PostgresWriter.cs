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

    public Task<int> ReportAsync(List<ReportRow> rows, CancellationToken cancellation) => StoreAsync(
        rows,
        static row => row.RankingId,
        new Staging(
            "CREATE TEMP TABLE IF NOT EXISTS new_reports (at timestamptz, ranking_id uuid, fingerprint uuid, body bytea) ON COMMIT DELETE ROWS",
            "COPY new_reports FROM STDIN (FORMAT BINARY)",
            $"INSERT INTO {schema.Reports} (at, ranking_id, fingerprint, received, body) SELECT at, ranking_id, fingerprint, greatest($1, (SELECT sealed FROM {schema.State})), body "
            + "FROM new_reports ORDER BY at, ranking_id, fingerprint ON CONFLICT DO NOTHING"),
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

        for (var again = false; ; again = true)
        {
            await schema.EnsureAsync(rows.Select(row => RankingId.ClockOf(id(row))), cancellation).ConfigureAwait(false);
            try
            {
                return await TryStoreAsync(rows, staging, write, cancellation).ConfigureAwait(false);
            }
            catch (PostgresException exception) when (!again && PostgresFault.IsMissingPartition(exception))
            {
                schema.Forget();
            }
        }
    }

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

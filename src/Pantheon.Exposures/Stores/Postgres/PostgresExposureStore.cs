using System.Runtime.CompilerServices;
using Npgsql;
using NpgsqlTypes;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Stores.Postgres;

/// <summary>Tables that any number of replicas write to at once.</summary>
internal sealed class PostgresExposureStore : IExposureStore
{
    private readonly NpgsqlDataSource _source;
    private readonly PostgresSchema _schema;
    private readonly PostgresWriter _writer;
    private readonly TimeProvider _time;
    private readonly string _where;

    private PostgresExposureStore(NpgsqlDataSource source, string schema, string where, TimeProvider time)
    {
        (_source, _where, _time) = (source, where, time);
        _schema = new PostgresSchema(source, schema);
        _writer = new PostgresWriter(source, _schema, time);
        Notes = new PostgresNotes(source, schema, where);
    }

    public ISharedNotes Notes { get; }

    public static async Task<PostgresExposureStore> OpenAsync(PostgresStoreOptions options, TimeProvider time, CancellationToken cancellation)
    {
        options.Validate();
        var text = new NpgsqlConnectionStringBuilder(options.ConnectionString)
        {
            // The staging tables of a connection live as long as it does.
            NoResetOnClose = true,
            Enlist = false,
        };
        text.ApplicationName ??= "pantheon-exposures";
        var store = new PostgresExposureStore(NpgsqlDataSource.Create(text), options.Schema, $"{text.Host}/{text.Database}", time);
        try
        {
            await store.GuardAsync(store._schema.CreateAsync(store._where, cancellation)).ConfigureAwait(false);
            return store;
        }
        catch
        {
            await store.DisposeAsync().ConfigureAwait(false);
            throw;
        }
    }

    public Task<int> AppendAsync(IReadOnlyList<Ranking> rankings, CancellationToken cancellation = default)
    {
        StoreRules.Check(rankings);
        cancellation.ThrowIfCancellationRequested();
        var blob = new BlobWriter();
        var rows = rankings.Select(ranking => new RankingRow(ranking.Id, ranking.UserKey, 0, RankingCodec.Encode(ranking, blob))).ToList();
        return GuardAsync(_writer.AppendAsync(rows, cancellation));
    }

    public Task<int> ReportAsync(IReadOnlyList<FeedbackReport> reports, CancellationToken cancellation = default)
    {
        StoreRules.Check(reports);
        cancellation.ThrowIfCancellationRequested();
        var blob = new BlobWriter();
        var rows = reports.Select(report => new ReportRow(report.RankingId, 0, FeedbackCodec.Encode(report, blob))).ToList();
        return GuardAsync(_writer.ReportAsync(rows, cancellation));
    }

    public async IAsyncEnumerable<ReportedRanking> ReadAsync(ExposureWindow window, [EnumeratorCancellation] CancellationToken cancellation = default)
    {
        StoreRules.Check(window, _time);
        await GuardAsync(_writer.CloseAsync(window.ClosedAt, cancellation)).ConfigureAwait(false);
        var pages = new WindowReader(
            window,
            (from, to, limit, stop) => GuardAsync(RankingsAsync(from, to, limit, stop)),
            (from, to, stop) => GuardAsync(ReportsAsync(from, to, stop)));
        await foreach (var reported in pages.ReadAsync(cancellation).ConfigureAwait(false))
        {
            yield return reported;
        }
    }

    public Task<Removed> DeleteUserAsync(string userKey, CancellationToken cancellation = default)
    {
        StoreRules.Check(userKey);
        return GuardAsync(DeleteAsync(userKey, cancellation));
    }

    public Task<Removed> TrimAsync(DateTimeOffset before, CancellationToken cancellation = default) =>
        GuardAsync(_schema.DropAsync(DateOnly.FromDateTime(StoreRules.Day(before).UtcDateTime), cancellation));

    public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellation = default) => GuardAsync(CountAsync(cancellation));

    public ValueTask DisposeAsync() => _source.DisposeAsync();

    private async Task<Removed> DeleteAsync(string userKey, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            $"""
            WITH gone AS (DELETE FROM {_schema.Rankings} WHERE user_key = $1 RETURNING at, id),
                 said AS (DELETE FROM {_schema.Reports} r USING gone WHERE r.at = gone.at AND r.ranking_id = gone.id RETURNING 1)
            SELECT (SELECT count(*) FROM gone), (SELECT count(*) FROM said)
            """);
        command.Parameters.Add(new NpgsqlParameter { Value = userKey });
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await rows.ReadAsync(cancellation).ConfigureAwait(false);
        return new Removed(rows.GetInt64(0), rows.GetInt64(1));
    }

    private async Task<StoreStatistics> CountAsync(CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(
            $"""
            SELECT (SELECT count(*) FROM {_schema.Rankings}), (SELECT count(*) FROM {_schema.Reports}),
                (SELECT coalesce(sum(pg_total_relation_size(inhrelid)), 0)::bigint FROM pg_inherits
                 WHERE inhparent IN ('{_schema.Rankings}'::regclass, '{_schema.Reports}'::regclass)),
                (SELECT min(at) FROM {_schema.Rankings}), (SELECT max(at) FROM {_schema.Rankings})
            """);
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        await rows.ReadAsync(cancellation).ConfigureAwait(false);
        return new StoreStatistics(
            rows.GetInt64(0),
            rows.GetInt64(1),
            rows.GetInt64(2),
            rows.IsDBNull(3) ? null : rows.GetFieldValue<DateTimeOffset>(3),
            rows.IsDBNull(4) ? null : rows.GetFieldValue<DateTimeOffset>(4));
    }

    private Task<List<RankingRow>> RankingsAsync(Guid from, Guid to, int limit, CancellationToken cancellation) => PageAsync(
        $"SELECT id, user_key, stored, body FROM {_schema.Rankings} WHERE at >= $1 AND at <= $2 AND id >= $3 AND id < $4 ORDER BY at, id LIMIT {limit}",
        from,
        to,
        static rows => new RankingRow(rows.GetGuid(0), rows.GetString(1), Stamp(rows, 2), rows.GetFieldValue<byte[]>(3)),
        cancellation);

    private Task<List<ReportRow>> ReportsAsync(Guid from, Guid to, CancellationToken cancellation) => PageAsync(
        $"SELECT ranking_id, received, body FROM {_schema.Reports} WHERE at >= $1 AND at <= $2 AND ranking_id >= $3 AND ranking_id < $4 "
        + "ORDER BY at, ranking_id, fingerprint",
        from,
        to,
        static rows => new ReportRow(rows.GetGuid(0), Stamp(rows, 1), rows.GetFieldValue<byte[]>(2)),
        cancellation);

    private static long Stamp(NpgsqlDataReader rows, int column) => UnixMicroseconds.Of(rows.GetFieldValue<DateTimeOffset>(column));

    private async Task<List<T>> PageAsync<T>(string sql, Guid from, Guid to, Func<NpgsqlDataReader, T> read, CancellationToken cancellation)
    {
        await using var command = _source.CreateCommand(sql);
        command.Parameters.Add(PostgresSchema.Time(RankingId.ClockOf(from)));
        command.Parameters.Add(PostgresSchema.Time(RankingId.ClockOf(to)));
        command.Parameters.Add(new NpgsqlParameter { Value = from, NpgsqlDbType = NpgsqlDbType.Uuid });
        command.Parameters.Add(new NpgsqlParameter { Value = to, NpgsqlDbType = NpgsqlDbType.Uuid });
        await using var rows = await command.ExecuteReaderAsync(cancellation).ConfigureAwait(false);
        List<T> all = [];
        while (await rows.ReadAsync(cancellation).ConfigureAwait(false))
        {
            all.Add(read(rows));
        }

        return all;
    }

    private async Task GuardAsync(Task call) => await GuardAsync(Nothing(call)).ConfigureAwait(false);

    private static async Task<bool> Nothing(Task call)
    {
        await call.ConfigureAwait(false);
        return true;
    }

    private Task<T> GuardAsync<T>(Task<T> call) => PostgresFault.GuardAsync(_where, call);
}

using Microsoft.Data.Sqlite;
using Pantheon.Exposures.Joining;
using Pantheon.Exposures.Notes;
using Pantheon.Exposures.Rankings;
using Pantheon.Exposures.Reports;
using Pantheon.Exposures.Stores.Format;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>One file: write-ahead log, synced at every commit. Other processes may open it too; one writes at a time.</summary>
internal sealed class SqliteExposureStore : IExposureStore
{
    // Rankings that one transaction trims: short enough for those who write meanwhile.
    private const int Chunk = 2000;

    private readonly SqliteStoreOptions _options;
    private readonly SqliteWriter _writer;
    private readonly TimeProvider _time;

    private SqliteExposureStore(SqliteStoreOptions options, SqliteWriter writer, TimeProvider time) =>
        (_options, _writer, _time, Notes) = (options, writer, time, new SqliteNotes(options, writer, time));

    public ISharedNotes Notes { get; }

    public static SqliteExposureStore Open(SqliteStoreOptions options, TimeProvider time)
    {
        options.Validate();
        try
        {
            return new SqliteExposureStore(options, new SqliteWriter(options.Path, SqliteDatabase.OpenWriter(options), time), time);
        }
        catch (Exception exception) when (SqliteFault.Is(exception))
        {
            throw SqliteFault.Of(options.Path, exception);
        }
    }

    public Task<int> AppendAsync(IReadOnlyList<Ranking> rankings, CancellationToken cancellation = default)
    {
        StoreRules.Check(rankings);
        var writer = new BlobWriter();
        var rows = rankings.Select(ranking => new RankingRow(ranking.Id, ranking.UserKey, 0, RankingCodec.Encode(ranking, writer))).ToList();
        return _writer.RunAsync(session => rows.Sum(row => session.Insert(row with { Stored = session.Stamp })), cancellation);
    }

    public Task<int> ReportAsync(IReadOnlyList<FeedbackReport> reports, CancellationToken cancellation = default)
    {
        StoreRules.Check(reports);
        var writer = new BlobWriter();
        var rows = reports.Select(report => new ReportRow(report.RankingId, 0, FeedbackCodec.Encode(report, writer))).ToList();
        return _writer.RunAsync(
            session => rows.Sum(row => session.Insert(FeedbackCodec.Fingerprint(row.Body), row with { Received = session.Stamp })), cancellation);
    }

    public async IAsyncEnumerable<ReportedRanking> ReadAsync(
        ExposureWindow window, [System.Runtime.CompilerServices.EnumeratorCancellation] CancellationToken cancellation = default)
    {
        StoreRules.Check(window, _time);
        var closed = UnixMicroseconds.Of(window.ClosedAt);
        await _writer.RunAsync(session => session.Execute("UPDATE state SET sealed = $1 WHERE sealed < $1", closed), cancellation).ConfigureAwait(false);
        var reader = new SqliteReader(_options);
        await using (reader.ConfigureAwait(false))
        {
            var pages = new WindowReader(window, reader.RankingsAsync, reader.ReportsAsync);
            await foreach (var reported in pages.ReadAsync(cancellation).ConfigureAwait(false))
            {
                yield return reported;
            }
        }
    }

    public async Task<Removed> DeleteUserAsync(string userKey, CancellationToken cancellation = default)
    {
        StoreRules.Check(userKey);
        var removed = await _writer.RunAsync(
            session =>
            {
                var reports = session.Execute("DELETE FROM reports WHERE ranking_id IN (SELECT id FROM rankings WHERE user_key = $1)", userKey);
                return new Removed(session.Execute("DELETE FROM rankings WHERE user_key = $1", userKey), reports);
            },
            cancellation).ConfigureAwait(false);

        // secure_delete has overwritten the rows with zeros; what the write-ahead log still holds of them goes with it.
        await Task.Run(() => Read(static connection => SqliteDatabase.Number(connection, "PRAGMA wal_checkpoint(TRUNCATE)")), cancellation).ConfigureAwait(false);
        return removed;
    }

    public async Task<Removed> TrimAsync(DateTimeOffset before, CancellationToken cancellation = default)
    {
        var end = RankingId.Floor(StoreRules.Day(before)).ToByteArray(bigEndian: true);
        var removed = default(Removed);
        for (var more = true; more;)
        {
            var chunk = await _writer.RunAsync(
                session => new Removed(
                    session.Execute($"DELETE FROM rankings WHERE id IN (SELECT id FROM rankings WHERE id < $1 ORDER BY id LIMIT {Chunk})", end),
                    session.Execute(
                        "DELETE FROM reports WHERE (ranking_id, fingerprint) IN "
                        + $"(SELECT ranking_id, fingerprint FROM reports WHERE ranking_id < $1 ORDER BY ranking_id LIMIT {Chunk})",
                        end)),
                cancellation).ConfigureAwait(false);
            removed += chunk;
            more = chunk.Rankings == Chunk || chunk.Reports == Chunk;
        }

        return removed;
    }

    public Task<StoreStatistics> StatisticsAsync(CancellationToken cancellation = default) => Task.Run(
        () => Read(connection => new StoreStatistics(
            SqliteDatabase.Number(connection, "SELECT count(*) FROM rankings"),
            SqliteDatabase.Number(connection, "SELECT count(*) FROM reports"),
            Length(_options.Path) + Length(_options.Path + "-wal"),
            SqliteReader.Time(connection, "SELECT min(id) FROM rankings"),
            SqliteReader.Time(connection, "SELECT max(id) FROM rankings"))),
        cancellation);

    public ValueTask DisposeAsync() => _writer.DisposeAsync();

    private static long Length(string path) => File.Exists(path) ? new FileInfo(path).Length : 0;

    private T Read<T>(Func<SqliteConnection, T> read)
    {
        try
        {
            using var connection = SqliteDatabase.OpenReader(_options);
            return read(connection);
        }
        catch (Exception exception) when (SqliteFault.Is(exception))
        {
            throw SqliteFault.Of(_options.Path, exception);
        }
    }
}

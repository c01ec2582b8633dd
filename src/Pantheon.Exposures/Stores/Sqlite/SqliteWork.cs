using Microsoft.Data.Sqlite;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>One caller's writes, and where that caller waits for them.</summary>
internal abstract class SqliteWork
{
    /// <summary>Writes, within a transaction that may hold other callers' writes too.</summary>
    public abstract void Apply(SqliteSession session);

    /// <summary>The transaction is on disk.</summary>
    public abstract void Complete();

    /// <summary>Nothing of the transaction was written.</summary>
    public abstract void Fail(Exception exception);
}

/// <summary>Writes that give something back.</summary>
internal sealed class SqliteWork<T>(Func<SqliteSession, T> write) : SqliteWork
{
    // The caller must not go on on the writer's thread.
    private readonly TaskCompletionSource<T> _done = new(TaskCreationOptions.RunContinuationsAsynchronously);
    private T? _result;

    public Task<T> Task => _done.Task;

    public override void Apply(SqliteSession session) => _result = write(session);

    public override void Complete() => _done.SetResult(_result!);

    public override void Fail(Exception exception) => _done.SetException(exception);
}

/// <summary>The writing connection with its prepared statements; the writer's thread alone uses it.</summary>
internal sealed class SqliteSession : IDisposable
{
    private readonly SqliteCommand _ranking;
    private readonly SqliteCommand _report;

    public SqliteSession(SqliteConnection connection)
    {
        Connection = connection;
        _ranking = Prepare("INSERT INTO rankings VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
        _report = Prepare("INSERT INTO reports VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING");
    }

    public SqliteConnection Connection { get; }

    /// <summary>The time of everything that this transaction stores, in microseconds: now, but in no closed window's time.</summary>
    public long Stamp { get; set; }

    public int Insert(RankingRow row) => Run(_ranking, row.Id.ToByteArray(bigEndian: true), row.UserKey, row.Stored, row.Body);

    public int Insert(Guid fingerprint, ReportRow row) =>
        Run(_report, row.RankingId.ToByteArray(bigEndian: true), fingerprint.ToByteArray(bigEndian: true), row.Received, row.Body);

    public int Execute(string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteNonQuery();
    }

    /// <summary>The number that a query gives; 0 if it gives none.</summary>
    public long Number(string sql, params ReadOnlySpan<object> values)
    {
        using var command = Command(sql, values);
        return command.ExecuteScalar() is long number ? number : 0;
    }

    public void Dispose()
    {
        _ranking.Dispose();
        _report.Dispose();
        Connection.Dispose();
    }

    private static int Run(SqliteCommand command, params ReadOnlySpan<object> values)
    {
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters[index].Value = values[index];
        }

        return command.ExecuteNonQuery();
    }

    private SqliteCommand Command(string sql, ReadOnlySpan<object> values)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 0; index < values.Length; index++)
        {
            command.Parameters.AddWithValue($"${index + 1}", values[index]);
        }

        return command;
    }

    private SqliteCommand Prepare(string sql)
    {
        var command = Connection.CreateCommand();
        command.CommandText = sql;
        for (var index = 1; index <= 4; index++)
        {
            command.Parameters.Add(new SqliteParameter { ParameterName = $"${index}" });
        }

        return command;
    }
}

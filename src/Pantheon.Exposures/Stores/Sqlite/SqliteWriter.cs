using System.Collections.Concurrent;
using Microsoft.Data.Sqlite;

namespace Pantheon.Exposures.Stores.Sqlite;

/// <summary>
/// The one connection that writes, on a thread of its own, since SQLite's calls block. What callers hand in while a transaction is
/// being synced to disk goes together into the next one, so that a hundred small reports cost one sync and not a hundred.
/// </summary>
internal sealed class SqliteWriter : IAsyncDisposable
{
    // Calls in one transaction: enough to hide the sync, few enough that the first does not wait long for the last.
    private const int Together = 256;

    private readonly string _path;
    private readonly SqliteSession _session;
    private readonly TimeProvider _time;
    private readonly BlockingCollection<SqliteWork> _queue = [];
    private readonly Task _loop;
    private int _disposed;

    public SqliteWriter(string path, SqliteConnection connection, TimeProvider time)
    {
        (_path, _session, _time) = (path, new SqliteSession(connection), time);
        _loop = Task.Factory.StartNew(Loop, CancellationToken.None, TaskCreationOptions.LongRunning, TaskScheduler.Default);
    }

    /// <summary>Writes in a transaction; done when it is on disk. Once handed in it is written, whoever still waits for it.</summary>
    public Task<T> RunAsync<T>(Func<SqliteSession, T> write, CancellationToken cancellation)
    {
        cancellation.ThrowIfCancellationRequested();
        var work = new SqliteWork<T>(write);
        try
        {
            _queue.Add(work, cancellation);
        }
        catch (InvalidOperationException)
        {
            throw new ObjectDisposedException(_path, "the store is closed");
        }

        return work.Task.WaitAsync(cancellation);
    }

    public async ValueTask DisposeAsync()
    {
        if (Interlocked.Exchange(ref _disposed, 1) != 0)
        {
            return;
        }

        _queue.CompleteAdding();
        await _loop.ConfigureAwait(false);
        _session.Dispose();
        _queue.Dispose();
    }

    private void Loop()
    {
        List<SqliteWork> batch = [];
        foreach (var first in _queue.GetConsumingEnumerable())
        {
            batch.Clear();
            batch.Add(first);
            while (batch.Count < Together && _queue.TryTake(out var next))
            {
                batch.Add(next);
            }

            if (Commit(batch) is { } fault)
            {
                batch.ForEach(work => work.Fail(fault));
            }
            else
            {
                batch.ForEach(static work => work.Complete());
            }
        }
    }

    private Exception? Commit(List<SqliteWork> batch)
    {
        try
        {
            SqliteDatabase.Execute(_session.Connection, "BEGIN IMMEDIATE");

            // Read under the lock: whoever closes a window writes it under the same.
            var closed = SqliteDatabase.Number(_session.Connection, "SELECT sealed FROM state");
            _session.Stamp = Math.Max(UnixMicroseconds.Of(_time.GetUtcNow()), closed);
            foreach (var work in batch)
            {
                work.Apply(_session);
            }

            SqliteDatabase.Execute(_session.Connection, "COMMIT");
            return null;
        }
#pragma warning disable CA1031 // The writer outlives everything; its callers are told.
        catch (Exception exception)
#pragma warning restore CA1031
        {
            RollBack();
            return SqliteFault.Is(exception) ? SqliteFault.Of(_path, exception) : exception;
        }
    }

    private void RollBack()
    {
        try
        {
            SqliteDatabase.Execute(_session.Connection, "ROLLBACK");
        }
        catch (SqliteException)
        {
            // A full disk, among others, has rolled back already; or nothing had begun.
        }
    }
}

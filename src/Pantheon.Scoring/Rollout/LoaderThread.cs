using System.Collections.Concurrent;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// The one thread that verifies, loads, warms and frees models, one at a time: never a thread that serves, and never more than one
/// core. Once told to, on Linux, it gives way to every thread that serves. Threads that it starts would inherit that, so it starts none that
/// serve: what came of its work is told by a thread beside it, whose continuations may add workers to the pool.
/// </summary>
public sealed class LoaderThread : IDisposable
{
    private readonly BlockingCollection<Action> _work = [];
    private readonly BlockingCollection<Action> _done = [];
    private readonly Thread _thread;
    private readonly Thread _teller;
    private readonly bool _startsThreads;
    private volatile bool _givesWay;

    /// <param name="sessions">Where a run has threads beside its caller's, ONNX Runtime starts them with the session, on this thread; then it gives way to nobody.</param>
    public LoaderThread(GraphSessionOptions sessions)
    {
        ArgumentNullException.ThrowIfNull(sessions);
        _startsThreads = sessions.IntraOpThreads != 1;
        _thread = new Thread(() => RunAll(_work)) { IsBackground = true, Name = "model loader" };
        _teller = new Thread(() => RunAll(_done)) { IsBackground = true, Name = "loader done" };
        _thread.Start();
        _teller.Start();
    }

    /// <summary>From the next work on it gives way, for good: before anybody is served there is nobody to give way to.</summary>
    public void GiveWay() => _givesWay = !_startsThreads;

    /// <summary>Queues work.</summary>
    /// <returns>What came of it, on a thread of the pool.</returns>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _work.Add(() =>
            {
                if (_givesWay)
                {
                    ThreadPriorities.OnlyWhenIdle();
                }

                try
                {
                    var result = work();
                    _done.Add(() => done.SetResult(result));
                }
#pragma warning disable CA1031 // It goes to whoever waits.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    _done.Add(() => done.SetException(error));
                }
            });
        }
        catch (Exception error) when (error is InvalidOperationException or ObjectDisposedException)
        {
            done.SetException(new OperationCanceledException("the service is going down"));
        }

        return done.Task;
    }

    /// <summary>Takes no more work and waits for what is running; what is queued is done first.</summary>
    public void Dispose()
    {
        _work.CompleteAdding();
        _thread.Join();
        _done.CompleteAdding();
        _teller.Join();
        _work.Dispose();
        _done.Dispose();
    }

    private static void RunAll(BlockingCollection<Action> actions)
    {
        foreach (var action in actions.GetConsumingEnumerable())
        {
            action();
        }
    }
}

using System.Collections.Concurrent;
using System.Runtime.InteropServices;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// The one thread that verifies, loads, warms and frees models, one at a time: never a thread that serves, and never more than one
/// core. On Linux it gives way to every thread that serves.
/// </summary>
public sealed partial class LoaderThread : IDisposable
{
    // setpriority(2): of a thread, by its id; the lowest there is.
    private const int OfProcess = 0;
    private const int Lowest = 19;

    private readonly BlockingCollection<Action> _work = [];
    private readonly Thread _thread;

    public LoaderThread()
    {
        _thread = new Thread(Run) { IsBackground = true, Name = "model loader" };
        _thread.Start();
    }

    /// <summary>Queues work.</summary>
    /// <returns>What came of it, on a thread of the pool.</returns>
    public Task<T> RunAsync<T>(Func<T> work)
    {
        var done = new TaskCompletionSource<T>(TaskCreationOptions.RunContinuationsAsynchronously);
        try
        {
            _work.Add(() =>
            {
                try
                {
                    done.SetResult(work());
                }
#pragma warning disable CA1031 // It goes to whoever waits.
                catch (Exception error)
#pragma warning restore CA1031
                {
                    done.SetException(error);
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
        _work.Dispose();
    }

    /// <summary>Lets the calling thread give way to all that serve.</summary>
    internal static void LowerPriority()
    {
        if (OperatingSystem.IsLinux())
        {
            // 0: the calling thread. That it is refused, where it is, costs nothing but quiet.
            _ = SetPriority(OfProcess, 0, Lowest);
        }
    }

    private void Run()
    {
        LowerPriority();
        foreach (var action in _work.GetConsumingEnumerable())
        {
            action();
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);
}

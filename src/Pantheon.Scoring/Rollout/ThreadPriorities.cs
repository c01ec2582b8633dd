using System.Runtime.InteropServices;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// What .NET does not set on Linux: how the calling thread gives way to those that serve. Elsewhere nothing happens; where it is refused,
/// it costs nothing but quiet.
/// </summary>
internal static partial class ThreadPriorities
{
    // setpriority(2): the calling thread, and the lowest there is.
    private const int OfProcess = 0;
    private const int LowestNice = 19;

    // sched_setscheduler(2).
    private const int IdlePolicy = 5;

    /// <summary>
    /// Next to nothing of a processor that others want, and that at once: to a thread that wakes, one that runs only such work is idle.
    /// Beside a thread of the lowest priority it may queue behind a third one instead.
    /// </summary>
    public static void OnlyWhenIdle()
    {
        if (OperatingSystem.IsLinux())
        {
            var parameter = 0;
            if (SetScheduler(0, IdlePolicy, ref parameter) != 0)
            {
                _ = SetPriority(OfProcess, 0, LowestNice);
            }
        }
    }

    [LibraryImport("libc", EntryPoint = "setpriority")]
    private static partial int SetPriority(int which, int who, int priority);

    // sched_param is one int.
    [LibraryImport("libc", EntryPoint = "sched_setscheduler")]
    private static partial int SetScheduler(int thread, int policy, ref int parameter);
}

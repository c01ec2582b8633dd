using System.Diagnostics;

namespace Pantheon.Rig;

/// <summary>Waiting for something outside this process, which can only be asked again and again.</summary>
public static class Poll
{
    /// <summary>Long enough for a crowded machine; a test that waits this long has failed.</summary>
    public static readonly TimeSpan Limit = TimeSpan.FromSeconds(60);

    private static readonly TimeSpan Pause = TimeSpan.FromMilliseconds(10);

    /// <summary>Asks until the answer is yes.</summary>
    /// <param name="condition">Asked at least once.</param>
    /// <param name="what">What is waited for, for the message.</param>
    /// <exception cref="TimeoutException">It never was within <see cref="Limit"/>.</exception>
    public static async Task UntilAsync(Func<Task<bool>> condition, string what)
    {
        var start = Stopwatch.GetTimestamp();
        while (!await condition())
        {
            if (Stopwatch.GetElapsedTime(start) > Limit)
            {
                throw new TimeoutException($"{what}: not within {Limit.TotalSeconds} s");
            }

            await Task.Delay(Pause);
        }
    }
}

using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;

namespace Pantheon.Load;

/// <summary>
/// How loud a swap, or a shadow, is: an open loop at a share of capacity, in windows of which the first of every three holds a swap to a
/// version that is loaded anew, or a shadow that scores every request again. The p99 of those windows over that of the others is held
/// against what the same ratio is between windows of the others, drawn again and again.
/// </summary>
internal sealed class Swap(RawScoring client, byte[] request, TimeSpan timeout, string target, string model)
{
    private const int WindowsPerEvent = 3;
    private const int Draws = 2000;

    // The versions go round: the one before stays warm, so the next is always one that was let go.
    private const int Versions = 3;
    private const int ShadowVersion = 2;
    private static readonly TimeSpan MemoryWarmUp = TimeSpan.FromMinutes(1);
    private static readonly TimeSpan MemoryWindow = TimeSpan.FromSeconds(20);
    private static readonly Requester s_requester = new() { Name = "load" };

    private readonly Models.ModelsClient _models = new(GrpcChannel.ForAddress($"http://{target}"));
    private long _swaps;

    private static DateTime Soon => DateTime.UtcNow.AddMinutes(1);

    /// <summary>Swaps at the start of every third window and prints what it saw.</summary>
    /// <returns>0 if no request failed and the ratio is within the bound.</returns>
    public async Task<int> RunAsync(double share, int swaps, TimeSpan window, TextWriter output)
    {
        var seconds = new List<double>();
        var (failed, isQuiet) = await CompareAsync(
            "a swap",
            share,
            swaps,
            window,
            [(TimeSpan.Zero, async () =>
            {
                var begin = Stopwatch.GetTimestamp();
                await PromoteAsync();
                seconds.Add(Stopwatch.GetElapsedTime(begin).TotalSeconds);
            })],
            output);
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"{swaps} swaps, {seconds.Average():F2} s each from asking to serving on average, {seconds.Max():F2} s at most"));
        var passed = failed == 0 && isQuiet;
        await output.WriteLineAsync(passed ? "swap: passed" : "swap: FAILED");
        return passed ? 0 : 1;
    }

    /// <summary>Has every request of every third window scored by a shadow too, and prints what it saw.</summary>
    /// <returns>
    /// 0 if no request failed and the shadow scored any. The ratio is told and not held to the bound: what a shadow runs on is idle, and not free, as cores share
    /// caches and execution units.
    /// </returns>
    public async Task<int> ShadowAsync(double share, int windows, TimeSpan window, TextWriter output)
    {
        await _models.PromoteAsync(new PromoteModelRequest { Model = model, Version = 1, Requester = s_requester }, deadline: Soon);
        // It stays loaded between its windows.
        await _models.LoadAsync(new LoadModelRequest { Model = model, Version = ShadowVersion, Requester = s_requester }, deadline: Soon);
        async Task SetAsync(double percent) =>
            await _models.SetShadowAsync(new SetShadowRequest { Model = model, Version = ShadowVersion, Percent = percent, Requester = s_requester }, deadline: Soon);
        var (failed, isQuiet) = await CompareAsync("a shadow", share, windows, window, [(TimeSpan.Zero, () => SetAsync(100)), (window, () => SetAsync(0))], output);
        var versions = (await _models.GetAsync(new GetModelRequest { Model = model }, deadline: Soon)).Versions;
        var scored = versions.Single(version => version.Version == ShadowVersion).Total.Requests;
        await output.WriteLineAsync($"requests that the shadow scored in its {windows} windows: {scored}");
        await output.WriteLineAsync(failed > 0 || scored == 0 ? "shadow: FAILED" : $"shadow: {(isQuiet ? "within" : "above")} the bound");
        return failed > 0 || scored == 0 ? 1 : 0;
    }

    /// <summary>
    /// Swaps without a pause under light load that had gone on for a while, so that code is compiled and pools have their size, and watches
    /// resident memory: its mean over some collections of garbage.
    /// </summary>
    /// <returns>0 if memory after all of them is at most 1.05 times that after the first few.</returns>
    public async Task<int> WatchMemoryAsync(int first, int swaps, int pid, TextWriter output)
    {
        using var stop = new CancellationTokenSource();
        var number = 0;
        var caller = Task.Run(async () =>
        {
            var failed = 0;
            while (!stop.IsCancellationRequested)
            {
                failed += await Rank(number++) == StatusCode.OK ? 0 : 1;
            }

            return failed;
        });
        async Task<double> AfterAsync(int count)
        {
            while (_swaps < count)
            {
                await PromoteAsync();
            }

            await using var memory = new ResidentMemory(pid);
            await Task.Delay(MemoryWindow);
            return memory.Mean(0, MemoryWindow.TotalSeconds);
        }

        await Task.Delay(MemoryWarmUp);
        var (early, late) = (await AfterAsync(first), 0.0);
        for (var count = first; count < swaps;)
        {
            count = Math.Min(swaps, count + (swaps / 5));
            late = await AfterAsync(count);
            await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"resident memory after {count} swaps: {late / early:F3} times that after {first} ({early / 1048576:F0} MiB)"));
        }

        await stop.CancelAsync();
        var failures = await caller;
        await output.WriteLineAsync($"failed requests of one caller meanwhile: {failures} of {number}");
        var isFlat = failures == 0 && late <= early * 1.05;
        await output.WriteLineAsync(isFlat ? "memory: passed" : "memory: FAILED");
        return isFlat ? 0 : 1;
    }

    private static double[][] Draw(double[][] windows, int count, Random random) => [.. Enumerable.Range(0, count).Select(_ => windows[random.Next(windows.Length)])];

    private static double P99(double[][] windows) => Percentile(windows, 0.99);

    private static double Percentile(double[][] windows, double share)
    {
        var all = new double[windows.Sum(window => window.Length)];
        var at = 0;
        foreach (var window in windows)
        {
            window.CopyTo(all, at);
            at += window.Length;
        }

        Array.Sort(all);
        return all[Math.Min(all.Length - 1, (int)(share * all.Length))];
    }

    private async Task<(int Failed, bool IsQuiet)> CompareAsync(string what, double share, int count, TimeSpan window, (TimeSpan At, Func<Task> Act)[] events, TextWriter output)
    {
        var capacity = await OpenLoop.MeasureSteadyCapacityAsync(Rank, TimeSpan.FromSeconds(15));
        var perSecond = capacity * share;
        var windows = count * WindowsPerEvent;
        var total = (int)(perSecond * windows * window.TotalSeconds);
        var (seconds, statuses) = (new double[total], new StatusCode[total]);
        await OpenLoop.RunAsync(Rank, perSecond, TimeSpan.FromSeconds(5), CancellationToken.None);
        var start = Stopwatch.GetTimestamp();
        var acting = ActAsync(start, count, window, events);
        await OpenLoop.RunAsync(
            async number =>
            {
                var due = start + (long)(number / perSecond * Stopwatch.Frequency);
                statuses[number] = await Rank(number);
                seconds[number] = Stopwatch.GetElapsedTime(due).TotalSeconds;
                return statuses[number];
            },
            perSecond,
            windows * window,
            CancellationToken.None);
        await acting;

        double[][] byWindow = [.. Enumerable.Range(0, total).GroupBy(number => (int)(number / perSecond / window.TotalSeconds), number => seconds[number]).OrderBy(group => group.Key).Select(group => group.ToArray())];
        var with = byWindow.Where((_, index) => index % WindowsPerEvent == 0).ToArray();
        var without = byWindow.Where((_, index) => index % WindowsPerEvent != 0).ToArray();
        var ratio = P99(with) / P99(without);
        var random = new Random(1);
        double[] ratios = [.. Enumerable.Range(0, Draws).Select(_ => P99(Draw(without, with.Length, random)) / P99(Draw(without, without.Length, random))).Order()];
        var bound = ratios[(int)(0.95 * Draws)];
        var failed = statuses.Where(status => status != StatusCode.OK).GroupBy(status => status).Select(group => $"{group.Count()} {group.Key}").ToList();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            capacity {capacity:F0} requests/s with {OpenLoop.CapacityWorkers} callers that wait; {total} requests at {share:P0} of it in windows of {window.TotalSeconds} s
            failed requests: {(failed.Count == 0 ? "0" : string.Join(", ", failed))}
            p99 of windows with {what} over p99 of windows without: {ratio:F3}
            the same ratio between windows without any: 95 % are below {bound:F3} (median {ratios[Draws / 2]:F3})
            p50 with over without: {Percentile(with, 0.5) / Percentile(without, 0.5):F3}; p99.9: {Percentile(with, 0.999) / Percentile(without, 0.999):F3}
            """));
        return (statuses.Count(status => status != StatusCode.OK), ratio <= bound);
    }

    // The events of the first of every three windows, each when it is due after that window's start.
    private static async Task ActAsync(long start, int count, TimeSpan window, (TimeSpan At, Func<Task> Act)[] events)
    {
        for (var number = 0; number < count; number++)
        {
            foreach (var (at, act) in events)
            {
                var wait = (number * WindowsPerEvent * window) + at - Stopwatch.GetElapsedTime(start);
                await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
                await act();
            }
        }
    }

    private async Task PromoteAsync()
    {
        var version = 1 + (_swaps++ % Versions);
        var changed = await _models.PromoteAsync(new PromoteModelRequest { Model = model, Version = version, Requester = s_requester }, deadline: Soon);
        if (changed.Model.BaseVersion != version)
        {
            throw new InvalidOperationException($"promoted {version}, and {changed.Model.BaseVersion} serves: {changed.Model.Problem}");
        }
    }

    private Task<StatusCode> Rank(int sequence) => client.RankAsync(sequence, request, timeout);
}

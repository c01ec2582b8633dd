using System.Diagnostics;
using System.Globalization;
using Grpc.Core;
using Grpc.Net.Client;
using Pantheon.Contracts.V1;

namespace Pantheon.Load;

/// <summary>
/// How loud a swap is: an open loop at a share of capacity, in windows of which the first of every three holds a swap to a version that
/// is loaded anew. The p99 of the windows with swaps over that of the windows without is held against what the same ratio is between
/// windows without any, drawn again and again from those windows.
/// </summary>
internal sealed class Swap(RawScoring client, byte[] request, TimeSpan timeout, string target, string model)
{
    private const int WindowsPerSwap = 3;
    private const int Draws = 2000;

    // The versions go round: the one before stays warm, so the next is always one that was let go.
    private const int Versions = 3;

    private readonly GrpcChannel _channel = GrpcChannel.ForAddress($"http://{target}");
    private long _swaps;

    /// <summary>Runs it and prints what it saw.</summary>
    /// <returns>0 if no request failed and the ratio is within the bound.</returns>
    public async Task<int> RunAsync(double share, int swaps, TimeSpan window, TextWriter output)
    {
        var capacity = await OpenLoop.MeasureSteadyCapacityAsync(Rank, TimeSpan.FromSeconds(15));
        var perSecond = capacity * share;
        var windows = swaps * WindowsPerSwap;
        var total = (int)(perSecond * windows * window.TotalSeconds);
        var (seconds, statuses) = (new double[total], new StatusCode[total]);
        await OpenLoop.RunAsync(Rank, perSecond, TimeSpan.FromSeconds(5), CancellationToken.None);
        var start = Stopwatch.GetTimestamp();
        var swapping = SwapAsync(start, swaps, window);
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
        var (longest, mean) = await swapping;

        double[][] byWindow = [.. Enumerable.Range(0, total).GroupBy(number => (int)(number / perSecond / window.TotalSeconds), number => seconds[number]).OrderBy(group => group.Key).Select(group => group.ToArray())];
        var with = byWindow.Where((_, index) => index % WindowsPerSwap == 0).ToArray();
        var without = byWindow.Where((_, index) => index % WindowsPerSwap != 0).ToArray();
        var ratio = P99(with) / P99(without);
        var random = new Random(1);
        double[] ratios = [.. Enumerable.Range(0, Draws).Select(_ => P99(Draw(without, with.Length, random)) / P99(Draw(without, without.Length, random))).Order()];
        var bound = ratios[(int)(0.95 * Draws)];
        var failed = statuses.Where(status => status != StatusCode.OK).GroupBy(status => status).Select(group => $"{group.Count()} {group.Key}").ToList();
        await output.WriteLineAsync(string.Create(CultureInfo.InvariantCulture, $"""
            capacity {capacity:F0} requests/s with {OpenLoop.CapacityWorkers} callers that wait; {total} requests at {share:P0} of it in windows of {window.TotalSeconds} s
            {swaps} swaps, {mean:F2} s each from asking to serving on average, {longest:F2} s at most
            failed requests: {(failed.Count == 0 ? "0" : string.Join(", ", failed))}
            p99 of windows with a swap over p99 of windows without: {ratio:F3}
            the same ratio between windows without any: 95 % are below {bound:F3} (median {ratios[Draws / 2]:F3})
            p50 with over without: {Percentile(with, 0.5) / Percentile(without, 0.5):F3}; p99.9: {Percentile(with, 0.999) / Percentile(without, 0.999):F3}
            """));
        var isQuiet = failed.Count == 0 && ratio <= bound;
        await output.WriteLineAsync(isQuiet ? "swap: passed" : "swap: FAILED");
        return isQuiet ? 0 : 1;
    }

    /// <summary>Swaps without a pause under light load, and watches resident memory.</summary>
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
            await Task.Delay(TimeSpan.FromSeconds(5));
            return memory.Mean(0, 5);
        }

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

    private async Task<(double Longest, double Mean)> SwapAsync(long start, int swaps, TimeSpan window)
    {
        var (longest, sum) = (0.0, 0.0);
        for (var swap = 0; swap < swaps; swap++)
        {
            var due = swap * WindowsPerSwap * window;
            var wait = due - Stopwatch.GetElapsedTime(start);
            await Task.Delay(wait > TimeSpan.Zero ? wait : TimeSpan.Zero);
            var begin = Stopwatch.GetTimestamp();
            await PromoteAsync();
            var took = Stopwatch.GetElapsedTime(begin).TotalSeconds;
            (longest, sum) = (Math.Max(longest, took), sum + took);
        }

        return (longest, sum / swaps);
    }

    private async Task PromoteAsync()
    {
        var version = 1 + (_swaps++ % Versions);
        var changed = await new Models.ModelsClient(_channel).PromoteAsync(
            new PromoteModelRequest { Model = model, Version = version, Requester = new Requester { Name = "load" } }, deadline: DateTime.UtcNow.AddMinutes(1));
        if (changed.Model.BaseVersion != version)
        {
            throw new InvalidOperationException($"promoted {version}, and {changed.Model.BaseVersion} serves: {changed.Model.Problem}");
        }
    }

    private Task<StatusCode> Rank(int sequence) => client.RankAsync(sequence, request, timeout);
}

using Pantheon.Learning.Metrics;
using Pantheon.Learning.Policies;
using Pantheon.Simulation;

namespace Pantheon.Benchmarks.Promotion;

/// <summary>A rule that is measured.</summary>
internal sealed record Rule(string Name, IppoOptions Options)
{
    public static IReadOnlyList<Rule> All { get; } =
    [
        new("the paper's bare rule", new IppoOptions { BurnInWindows = 0, Guard = IppoGuard.None }),
        new("guard, not confirmed", new IppoOptions { BurnInWindows = 0 }),
        new("guard, confirmed", IppoOptions.Live with { BurnInWindows = 0 }),
        new("guard, confirmed, 10 windows pooled", IppoOptions.Live with { BurnInWindows = 0, JudgedWindows = 10 }),
    ];

    public IppoPolicy Policy() => new("reference", Objectives.Names, Equal, Equal, Options);

    public static double[] Equal { get; } = [.. Enumerable.Repeat(1.0, ExposurePool.M)];
}

/// <summary>Windows as the promoter sees them.</summary>
internal static class Judging
{
    /// <summary>A window's figures, by the bootstrap that IPPO itself uses.</summary>
    public static IppoWindow Window(WindowSample sample, float[] @base, float[] reference, float[][]? pxtrs = null)
    {
        var report = PairedBootstrap.Compare(("base", Gauc.PerUser(@base, sample.Labels)), [("reference", Gauc.PerUser(reference, sample.Labels))]);
        double[] Gaucs(int scoring) => [.. report.Scorings[scoring].Gauc.Select(value => value.Value)];
        double[] ranking = pxtrs is null ? Gaucs(0) : [.. Gauc.ComputeEach(pxtrs, sample.Labels).Objectives.Select(result => result.Gauc)];
        return new IppoWindow(
            "", sample.Rows.Length, [.. Enumerable.Range(0, ExposurePool.M).Select(sample.Labels.RetainedUsers)], Gaucs(0), Gaucs(1), ranking,
            [.. report.Scorings[1].Gain.Select(gain => gain.StandardError)]);
    }

    /// <summary>A score at a window's rows, with noise that is new to every window, or stays with the model, or stays with its rooms.</summary>
    /// <param name="size">Standard deviation of all of it.</param>
    /// <param name="fresh">Key of what is new.</param>
    /// <param name="kept">Key of what stays; null: all is new.</param>
    public static float[] Jittered(ExposurePool pool, float[] score, WindowSample sample, double size, long fresh, long? kept = null)
    {
        var part = (float)(kept is null ? size : size * Math.Sqrt(0.5));
        var jittered = new float[sample.Rows.Length];
        for (var place = 0; place < jittered.Length; place++)
        {
            var row = sample.Rows[place];
            jittered[place] = score[row] + (part * Noise.At(fresh, place)) + (kept is { } model ? part * Noise.At(model, pool.Rooms[row]) : 0);
        }

        return jittered;
    }

    /// <summary>Mean gain in GAUC of each objective over several drawings of all outcomes, for scores that are asked once for each.</summary>
    public static double[] TrueGains(IReadOnlyList<WindowSample> drawings, Func<WindowSample, int, (float[] Base, float[] Reference)> scores)
    {
        var gains = new double[ExposurePool.M];
        for (var drawing = 0; drawing < drawings.Count; drawing++)
        {
            var (@base, reference) = scores(drawings[drawing], drawing);
            var (worse, better) = (Gauc.Compute(@base, drawings[drawing].Labels), Gauc.Compute(reference, drawings[drawing].Labels));
            for (var objective = 0; objective < gains.Length; objective++)
            {
                gains[objective] += (better[objective] - worse[objective]) / drawings.Count;
            }
        }

        return gains;
    }
}

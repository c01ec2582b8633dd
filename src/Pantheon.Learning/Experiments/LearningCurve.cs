using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Experiments;

/// <summary>Some of the training exposures, for a point of a learning curve.</summary>
/// <param name="Name">Which they are.</param>
/// <param name="Rows">In the order of time.</param>
internal sealed record CurveStep(string Name, int[] Rows);

/// <summary>A point of a learning curve: what a model trained on these exposures comes to on the days to test on.</summary>
internal sealed record CurvePoint(string Name, int Rows, UserAucs Aucs);

/// <summary>
/// Which exposures the points of a learning curve are trained on. Only what is trained on differs: vocabularies, mean rates, counters and
/// histories are those of all the training days, as a service would have them in any case.
/// </summary>
internal static class LearningCurve
{
    private const double DayMs = 86_400_000;

    private static readonly int[] s_days = [3, 6, 12];
    private static readonly double[] s_shares = [0.1, 0.25, 0.5];

    /// <summary>The last days of the training days, and all of them at the end.</summary>
    public static IReadOnlyList<CurveStep> Days(Dataset data)
    {
        var end = data.Split.ValidateFromMs;
        var all = (end - Math.Max(data.Split.TrainFromMs, data.TimeMs[data.Train.Start])) / DayMs;
        return Steps(
            data,
            s_days.Select(days => new CurveStep($"last {days} days", data.Rows(Math.Max(data.Split.TrainFromMs, end - (long)(days * DayMs)), end).ToArray())),
            string.Create(CultureInfo.InvariantCulture, $"all {all:0.#} days"));
    }

    /// <summary>
    /// Shares drawn by a hash of the row, each holding the one before, and all at the end. Rows and not users: every user, video and day
    /// keeps its part, so that nothing but the amount differs; with whole users left out, those judged would mostly be strangers.
    /// </summary>
    public static IReadOnlyList<CurveStep> Shares(Dataset data, ulong seed) => Steps(
        data,
        s_shares.Select(share => new CurveStep($"{100 * share:0} %", [.. data.Train.ToArray().Where(row => new SplitMix(seed, (ulong)row).NextDouble() < share)])),
        "100 %");

    /// <summary>
    /// A training on some of the exposures with as many steps as one on all of them: the batch shrinks with them. With the same batch the
    /// smallest would be told of its rows in a tenth of the steps, most of them below the full rate.
    /// </summary>
    public static TrainingOptions TrainingOf(TrainingOptions whole, int rows, int all)
    {
        var group = Math.Max(1, whole.Group);
        return whole with { BatchSize = Math.Max(group, (int)((long)whole.BatchSize * rows / all) / group * group) };
    }

    private static IReadOnlyList<CurveStep> Steps(Dataset data, IEnumerable<CurveStep> parts, string all) =>
        [.. parts.Where(step => step.Rows.Length > 0 && step.Rows.Length < data.Train.Count), new CurveStep(all, data.Train.ToArray())];
}

using System.Globalization;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Experiments;

/// <summary>What a log cannot say, so that nobody reads it out of the figures.</summary>
internal static class DataCaveats
{
    public static IEnumerable<string> Of(Dataset data)
    {
        var random = Enumerable.Range(data.Test.Start, data.Test.Count).Count(data.IsRandom);
        if (random == 0)
        {
            yield return "None of the exposures to test on was drawn at random: every figure is over what a ranker chose to show, and says little of what it would not have shown.";
        }

        if (KuaiRandColumns.Objectives.Except(data.Schema.Objectives).ToList() is { Count: > 0 } lacking)
        {
            yield return $"{string.Join(", ", lacking)}: of KuaiRand's objectives these are not measured; the log lacks them, or they were not asked for.";
        }

        if (data.Split != TimeSplit.KuaiRand)
        {
            yield return string.Create(
                CultureInfo.InvariantCulture,
                $"The log does not fill KuaiRand's days: trained on {Days(data, data.Train)}, judged on {Days(data, data.Test)}, and nothing lies between them.");
        }
    }

    private static string Days(Dataset data, RowRange rows) => string.Create(
        CultureInfo.InvariantCulture, $"{ChinaTime.DayOf(data.TimeMs[rows.Start]):yyyy-MM-dd} to {ChinaTime.DayOf(data.TimeMs[rows.End - 1]):yyyy-MM-dd}");
}

using Pantheon.Learning.Data;

namespace Pantheon.Learning.Training;

/// <summary>How often each objective comes of an exposure.</summary>
public static class ObjectiveRates
{
    /// <summary>The share of positives of each objective, strictly between 0 and 1.</summary>
    /// <exception cref="DataException">An objective has only one class: there is nothing to learn, and no prior.</exception>
    public static IReadOnlyList<float> Of(IExamples data, RowRange range)
    {
        ArgumentNullException.ThrowIfNull(data);
        var rates = new float[data.Schema.Objectives.Count];
        for (var objective = 0; objective < rates.Length; objective++)
        {
            var positives = Positives(data.Labels(objective).Slice(range.Start, range.Count));
            rates[objective] = positives > 0 && positives < range.Count
                ? (float)positives / range.Count
                : throw new DataException($"objective '{data.Schema.Objectives[objective]}': {positives} of {range.Count} training rows are positive; expected both classes");
        }

        return rates;
    }

    /// <summary>How many of some labels, 0 or 1, are 1.</summary>
    internal static long Positives(ReadOnlySpan<byte> labels)
    {
        var positives = 0L;
        foreach (var label in labels)
        {
            positives += label;
        }

        return positives;
    }
}

using Pantheon.Learning.Data;
using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Evaluation;

/// <summary>Exposures of a period with their labels, grouped by user: what scorings are held against.</summary>
public sealed class ScoredExposures
{
    private readonly byte[][] _labels;

    /// <param name="data">Where they are from.</param>
    /// <param name="range">Which.</param>
    public ScoredExposures(Dataset data, RowRange range)
        : this(data, range.ToArray())
    {
    }

    /// <param name="data">Where they are from.</param>
    /// <param name="rows">Which, in the order of time.</param>
    public ScoredExposures(Dataset data, int[] rows)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rows);
        (Objectives, Count) = (data.Schema.Objectives, rows.Length);
        _labels = [.. Enumerable.Range(0, Objectives.Count).Select(objective => BundleScores.Gather(data.Labels(objective), rows))];
        Labels = ObjectiveLabels.Of(UserGroups.Of(BundleScores.Gather(data.UserIndex, rows)), _labels, Objectives);
    }

    public IReadOnlyList<string> Objectives { get; }

    /// <summary>Exposures.</summary>
    public int Count { get; }

    /// <summary>Grouped by user.</summary>
    public ObjectiveLabels Labels { get; }

    /// <summary>One objective's labels in the order of time: 0 or 1.</summary>
    public ReadOnlySpan<byte> Of(int objective) => _labels[objective];
}

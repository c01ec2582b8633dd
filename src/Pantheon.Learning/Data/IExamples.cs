using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>Exposures with features and labels, as training and scoring read them: a log on disk, or a window of live traffic.</summary>
public interface IExamples
{
    /// <summary>What the features are; the order of <see cref="FeatureBatch"/>.</summary>
    public FeatureSchema Schema { get; }

    /// <summary>Exposures.</summary>
    public int Count { get; }

    /// <summary>The user of each exposure, from 0.</summary>
    public ReadOnlySpan<int> UserIndex { get; }

    /// <summary>Whether objective m came of each exposure: 0 or 1.</summary>
    public ReadOnlySpan<byte> Labels(int objective);

    /// <summary>Writes features and labels of exposures into the batch, from its beginning.</summary>
    /// <param name="rows">Any exposures in any order, at most the batch's capacity.</param>
    /// <param name="batch">Made with this schema.</param>
    public void Fill(ReadOnlySpan<int> rows, FeatureBatch batch);
}

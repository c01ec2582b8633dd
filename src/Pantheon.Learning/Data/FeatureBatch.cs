using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Data;

/// <summary>
/// Buffers for the features and labels of some exposures, made once and filled again and again. Owned by the caller; not for concurrent
/// use, except that several threads may fill different slices of it (<see cref="Dataset.FillSlice"/>).
/// </summary>
public sealed class FeatureBatch
{
    private readonly long[]?[] _ids;
    private readonly float[]?[] _numbers;

    /// <param name="schema">Of the dataset that fills it.</param>
    /// <param name="capacity">Exposures it can hold, at least 1.</param>
    public FeatureBatch(FeatureSchema schema, int capacity)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentOutOfRangeException.ThrowIfLessThan(capacity, 1);
        Schema = schema;
        Capacity = capacity;
        _ids = new long[schema.Features.Count][];
        _numbers = new float[schema.Features.Count][];
        for (var index = 0; index < schema.Features.Count; index++)
        {
            var size = checked(capacity * WidthOf(schema, index));
            if (schema.Features[index] is IdFeature or HistoryFeature)
            {
                _ids[index] = GC.AllocateArray<long>(size, pinned: true);
            }
            else
            {
                _numbers[index] = GC.AllocateArray<float>(size, pinned: true);
            }
        }

        Labels = GC.AllocateArray<float>(checked(capacity * schema.Objectives.Count), pinned: true);
    }

    public FeatureSchema Schema { get; }

    public int Capacity { get; }

    /// <summary>Exposures that the last fill wrote, which sets it; what lies behind them in the buffers is old.</summary>
    public int Count { get; set; }

    /// <summary>0 or 1, float <c>[Count, M]</c>, row-major.</summary>
    public float[] Labels { get; }

    /// <summary>
    /// Rows of tables, int64 <c>[Count, width]</c>, row-major, of an <see cref="IdFeature"/> or <see cref="HistoryFeature"/>.
    /// </summary>
    /// <param name="feature">Index in the schema.</param>
    /// <exception cref="InvalidOperationException">A feature of numbers.</exception>
    public long[] Ids(int feature) =>
        _ids[feature] ?? throw new InvalidOperationException($"feature {Schema.Features[feature].Name} has numbers");

    /// <summary>Float <c>[Count, width]</c>, row-major, of a <see cref="DenseFeature"/> or <see cref="CountFeature"/>.</summary>
    /// <param name="feature">Index in the schema.</param>
    /// <exception cref="InvalidOperationException">A feature of ids.</exception>
    public float[] Numbers(int feature) =>
        _numbers[feature] ?? throw new InvalidOperationException($"feature {Schema.Features[feature].Name} has ids");

    /// <summary>Numbers or ids per exposure of a feature of the schema.</summary>
    public static int WidthOf(FeatureSchema schema, int feature)
    {
        ArgumentNullException.ThrowIfNull(schema);
        return schema.Features[feature] switch
        {
            IdFeature => 1,
            HistoryFeature history => history.Length,
            DenseFeature dense => dense.Width,
            CountFeature => 1 + schema.Objectives.Count,
            var other => throw new ArgumentException($"a {other.GetType().Name} came, expected a known kind of feature", nameof(schema)),
        };
    }
}

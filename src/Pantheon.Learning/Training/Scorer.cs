using Pantheon.Learning.Data;
using Pantheon.Learning.Frozen;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Training;

/// <summary>What a recommender says of some exposures, in their order.</summary>
/// <param name="Pxtrs">M columns of [n].</param>
/// <param name="Scores">One column of [n] for each head.</param>
public sealed record Predictions(float[][] Pxtrs, float[][] Scores);

/// <summary>Scores exposures with parameters as they are, by the same networks as training and serving.</summary>
public sealed class Scorer : IDisposable
{
    private const int BatchSize = 2048;

    private readonly GraphSession _session;
    private readonly GraphRun _run;
    private readonly FeatureBatch _batch;
    private readonly FeatureBatch _userBatch;
    private readonly float[] _pxtrs;
    private readonly float[][] _scores;
    private readonly int[] _rows = new int[BatchSize];

    /// <param name="parameters">Read at each call; may be those of a trainer between two steps.</param>
    /// <param name="threads">Of ONNX Runtime.</param>
    /// <param name="frozen">The ranking model; null: the options'.</param>
    public Scorer(
        FeatureSchema schema, RecommenderOptions recommender, IReadOnlyList<float> priors, ParameterBuffers parameters, int threads, FrozenRanking? frozen = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(recommender);
        var (model, _) = RecommenderGraph.ForScoring(schema, recommender, priors, frozen);
        _session = GraphSession.Load(model, new GraphSessionOptions { IntraOpThreads = threads, FixedShapes = true, Spin = true });
        _run = _session.Rent();
        _batch = new FeatureBatch(schema, BatchSize);
        _userBatch = new FeatureBatch(schema, BatchSize);
        _run.BindFeatures(_session, _batch);
        _run.BindParameters(_session, parameters);
        var objectives = schema.Objectives.Count;
        _pxtrs = GC.AllocateArray<float>(BatchSize * objectives, pinned: true);
        _run.BindOutput(_session, RecommenderGraph.Pxtrs, _pxtrs, BatchSize, objectives);
        _scores = [.. recommender.Heads.Select(head =>
        {
            var scores = GC.AllocateArray<float>(BatchSize, pinned: true);
            _run.BindOutput(_session, RecommenderGraph.ScoreOf(head.Name), scores, BatchSize);
            return scores;
        })];
    }

    /// <summary>Scores some exposures that follow each other.</summary>
    public Predictions Score(IExamples data, RowRange range, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(data);
        var objectives = _batch.Schema.Objectives.Count;
        var result = new Predictions(Columns(objectives, range.Count), Columns(_scores.Length, range.Count));
        for (var start = 0; start < range.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(BatchSize, range.Count - start);
            for (var index = 0; index < BatchSize; index++)
            {
                // The last rows are repeated to fill the batch; nobody reads what comes of them.
                _rows[index] = range.Start + Math.Min(start + index, range.Count - 1);
            }

            data.Fill(_rows, _batch);
            _run.Execute();
            Read(result, start, count);
        }

        return result;
    }

    /// <summary>Scores some exposures as candidates of one request: all with the user's features of one exposure.</summary>
    /// <param name="candidates">Exposures that the candidates' features are taken from, at most 2,048.</param>
    /// <param name="user">The exposure that the user's features are taken from.</param>
    public Predictions Score(IExamples data, ReadOnlySpan<int> candidates, int user)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(candidates.Length, BatchSize, nameof(candidates));
        Array.Fill(_rows, user);
        data.Fill(_rows, _userBatch);
        candidates.CopyTo(_rows);
        data.Fill(_rows, _batch);
        for (var feature = 0; feature < _batch.Schema.Features.Count; feature++)
        {
            if (_batch.Schema.Features[feature].Side != FeatureSide.User)
            {
                continue;
            }

            if (_batch.Schema.Features[feature] is IdFeature or HistoryFeature)
            {
                _userBatch.Ids(feature).CopyTo(_batch.Ids(feature), 0);
            }
            else
            {
                _userBatch.Numbers(feature).CopyTo(_batch.Numbers(feature), 0);
            }
        }

        var objectives = _batch.Schema.Objectives.Count;
        var result = new Predictions(Columns(objectives, candidates.Length), Columns(_scores.Length, candidates.Length));
        _run.Execute();
        Read(result, 0, candidates.Length);
        return result;
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private void Read(Predictions result, int start, int count)
    {
        var objectives = result.Pxtrs.Length;
        for (var objective = 0; objective < objectives; objective++)
        {
            var column = result.Pxtrs[objective].AsSpan(start, count);
            for (var index = 0; index < count; index++)
            {
                column[index] = _pxtrs[(index * objectives) + objective];
            }
        }

        for (var head = 0; head < _scores.Length; head++)
        {
            _scores[head].AsSpan(0, count).CopyTo(result.Scores[head].AsSpan(start));
        }
    }

    private static float[][] Columns(int count, int rows) => [.. Enumerable.Range(0, count).Select(_ => new float[rows])];
}

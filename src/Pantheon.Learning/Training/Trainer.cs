using System.Diagnostics;
using System.Runtime.InteropServices;
using Pantheon.Learning.Data;
using Pantheon.Learning.Frozen;
using Pantheon.Learning.Optimizers;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Training;

/// <summary>
/// A recommender in training: one graph that gives loss, predictions and gradients, the parameters that it reads, and their optimizers.
/// A step allocates nothing but the few handles that a run hands to ONNX Runtime. Not for use by two threads at once.
/// </summary>
public sealed class Trainer : IDisposable
{
    private const string RankingPart = "ranking";

    private readonly TrainingOptions _options;
    private readonly LearningRateSchedule _schedule;
    private readonly GraphSession _session;
    private readonly GraphRun _run;
    private readonly TrainingGraph _graph;
    private readonly float[] _rowWeights;
    private readonly Dictionary<string, float[]> _headWeights = new(StringComparer.Ordinal);
    private readonly Part[] _parts;
    private readonly float[] _pxtrs;
    private readonly float[][] _scores;
    private readonly TableCrew _crew;

    /// <param name="schema">Of the dataset.</param>
    /// <param name="priors">Each objective's rate over the training rows.</param>
    /// <param name="frozen">The ranking model, of which nothing is learned; null: the options', which is learned too.</param>
    public Trainer(FeatureSchema schema, RecommenderOptions recommender, IReadOnlyList<float> priors, TrainingOptions options, FrozenRanking? frozen = null)
    {
        ArgumentNullException.ThrowIfNull(schema);
        ArgumentNullException.ThrowIfNull(recommender);
        ArgumentNullException.ThrowIfNull(options);
        (Schema, Recommender, Priors, _options, _schedule) = (schema, recommender, priors, options, options.Schedule);
        _graph = RecommenderGraph.ForTraining(schema, recommender, priors, options.Group, options.RankingPairwise, frozen);
        Parameters = new ParameterBuffers(_graph.Parameters, options.Seed);
        Batch = new FeatureBatch(schema, options.BatchSize);
        _session = GraphSession.Load(_graph.Model, new GraphSessionOptions { IntraOpThreads = options.ThreadCount, FixedShapes = true, Spin = true });
        _run = _session.Rent();

        var (rows, objectives) = ((long)options.BatchSize, schema.Objectives.Count);
        _rowWeights = Pinned(options.BatchSize);
        _run.BindFeatures(_session, Batch);
        _run.BindParameters(_session, Parameters);
        _run.BindInput(_session, RecommenderGraph.Labels, Batch.Labels, rows, objectives);
        _run.BindInput(_session, RecommenderGraph.RowWeights, _rowWeights, rows);
        foreach (var head in recommender.Heads)
        {
            var weights = Pinned(objectives);
            HeadWeights.Of(head, schema.Objectives, priors, options.Group).CopyTo(weights, 0);
            _headWeights.Add(head.Name, weights);
            _run.BindInput(_session, RecommenderGraph.WeightsOf(head.Name), weights, objectives);
        }

        _pxtrs = Pinned(options.BatchSize * objectives);
        _run.BindOutput(_session, RecommenderGraph.Pxtrs, _pxtrs, rows, objectives);
        _scores = [.. recommender.Heads.Select(head =>
        {
            var scores = Pinned(options.BatchSize);
            _run.BindOutput(_session, RecommenderGraph.ScoreOf(head.Name), scores, rows);
            return scores;
        })];
        _parts = [.. recommender.Heads.Select(head => head.Name).Prepend(RankingPart).Select(CreatePart)];
        BindGradients();
        _crew = new TableCrew(_parts.SelectMany(part => part.Tables), options.ThreadCount);
    }

    public FeatureSchema Schema { get; }

    public RecommenderOptions Recommender { get; }

    public IReadOnlyList<float> Priors { get; }

    /// <summary>What is learned.</summary>
    public ParameterBuffers Parameters { get; }

    /// <summary>Fill it, then take a step.</summary>
    public FeatureBatch Batch { get; }

    /// <summary>Steps taken.</summary>
    public long Steps { get; private set; }

    /// <summary>Time that the steps since it was made spent in the graph.</summary>
    public TimeSpan GraphTime { get; private set; }

    /// <summary>Steps that left out the ranking model or a head because a gradient of it was not finite.</summary>
    public long SkippedSteps { get; private set; }

    /// <summary>Pxtrs of the last batch before its step: [batch, M]. What a prequential evaluation scores.</summary>
    public ReadOnlySpan<float> Pxtrs => _pxtrs;

    /// <summary>A head's scores of the last batch before its step: [batch].</summary>
    public ReadOnlySpan<float> Scores(int head) => _scores[head];

    /// <summary>The last step's mean loss: of the ranking model (0), then of each head.</summary>
    public float Loss(int part) => _parts[part].Loss[0];

    /// <summary>A head's w of Pantheon Eq. 8: [M], summing to 1. Changing them changes the next step.</summary>
    public Span<float> Weights(string head) => _headWeights[head];

    /// <summary>One step on <see cref="Batch"/>; rows behind its count have no part in it.</summary>
    /// <param name="totalSteps">Of the whole training, for the schedule.</param>
    /// <exception cref="InvalidOperationException">The batch is empty.</exception>
    public void Step(long totalSteps)
    {
        _rowWeights.AsSpan(0, Batch.Count).Fill(1);
        StepWeighted(totalSteps);
    }

    /// <summary>As <see cref="Step(long)"/>, with rows that only fill their group.</summary>
    /// <param name="rowWeights">1, or 0 for a row that has no part in the step: [Batch.Count].</param>
    public void Step(long totalSteps, ReadOnlySpan<float> rowWeights)
    {
        ArgumentOutOfRangeException.ThrowIfNotEqual(rowWeights.Length, Batch.Count, nameof(rowWeights));
        rowWeights.CopyTo(_rowWeights);
        StepWeighted(totalSteps);
    }

    /// <summary>Writes parameters, optimizers, the heads' weights and the step: a later <see cref="Load"/> goes on to the same bits.</summary>
    public void Save(Stream destination)
    {
        var writer = new BinaryWriter(destination);
        writer.Write(Steps);
        writer.Write(SkippedSteps);
        writer.Flush();
        foreach (var head in Recommender.Heads)
        {
            destination.Write(MemoryMarshal.AsBytes<float>(_headWeights[head.Name]));
        }

        foreach (var part in _parts)
        {
            part.Save(destination);
        }
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <exception cref="InvalidDataException">Of another network, or damaged.</exception>
    /// <exception cref="EndOfStreamException">Cut short.</exception>
    public void Load(Stream source)
    {
        var reader = new BinaryReader(source);
        Steps = reader.ReadInt64();
        SkippedSteps = reader.ReadInt64();
        foreach (var head in Recommender.Heads)
        {
            source.ReadExactly(MemoryMarshal.AsBytes(_headWeights[head.Name].AsSpan()));
        }

        foreach (var part in _parts)
        {
            part.Load(source);
        }
    }

    /// <summary>Makes a head what another one is: parameters, optimizers and weights. From equal steps on they stay equal.</summary>
    /// <param name="from">Index of the head to copy.</param>
    /// <param name="to">Index of a head of the same shape.</param>
    public void CopyHead(int from, int to)
    {
        using var copy = new MemoryStream();
        _parts[1 + from].Save(copy);
        copy.Position = 0;
        _parts[1 + to].Load(copy);
        _headWeights[Recommender.Heads[from].Name].CopyTo(_headWeights[Recommender.Heads[to].Name], 0);
    }

    public void Dispose()
    {
        _run.Dispose();
        _session.Dispose();
    }

    private static float[] Pinned(int length) => GC.AllocateArray<float>(length, pinned: true);

    private void StepWeighted(long totalSteps)
    {
        if (Batch.Count == 0)
        {
            throw new InvalidOperationException("the batch is empty; expected it to be filled first");
        }

        _rowWeights.AsSpan(Batch.Count).Clear();
        var begin = Stopwatch.GetTimestamp();
        if (!_run.Execute())
        {
            throw new InvalidOperationException("the run was stopped");
        }

        GraphTime += Stopwatch.GetElapsedTime(begin);
        var rate = _schedule.At(Steps, totalSteps);
        _crew.Collect(Batch.Count);
        var isSkipped = false;
        foreach (var part in _parts)
        {
            isSkipped |= !Update(part, rate);
        }

        _crew.Update(rate * _options.TableRate);
        SkippedSteps += isSkipped ? 1 : 0;
        Steps++;
    }

    // The dense parameters, and how the tables are to be scaled.
    private bool Update(Part part, double rate)
    {
        part.Norm.Clear();
        foreach (var learned in part.Dense)
        {
            part.Norm.Add(learned.Gradient);
        }

        foreach (var table in part.Tables)
        {
            part.Norm.Add(table.Sum);
        }

        // One bad batch must not end in parameters that are not numbers.
        var isFinite = part.Norm.IsFinite;
        var scale = isFinite ? part.Norm.ClipScale(_options.ClipNorm) : float.NaN;
        foreach (var table in part.Tables)
        {
            table.Scale = scale;
        }

        if (isFinite)
        {
            foreach (var learned in part.Dense)
            {
                learned.Optimizer.Step(learned.Values, learned.Gradient, rate, scale);
            }
        }

        return isFinite;
    }

    // A part's parameters are those under its name: the ranking model's, or a head's.
    private Part CreatePart(string name)
    {
        var mine = _graph.Parameters.Where(spec => spec.Name.StartsWith($"{name}/", StringComparison.Ordinal)).ToList();
        var part = new Part(
            Pinned(1),
            [.. mine.Where(spec => !spec.IsTable).Select(spec => new Learned(
                spec.Name, Parameters[spec.Name], Pinned(spec.Length), new AdamOptions { WeightDecay = _options.WeightDecay }.Create(spec.Length)))],
            [.. mine.Where(spec => spec.IsTable).Select(spec => new LearnedTable(
                spec, Parameters[spec.Name], new SparseAdamOptions().Create(spec.Shape[0], spec.Shape[1])))],
            new GradientNorm());
        _run.BindOutput(_session, RecommenderGraph.LossOf(name), part.Loss);
        return part;
    }

    private void BindGradients()
    {
        foreach (var learned in _parts.SelectMany(part => part.Dense))
        {
            var shape = _graph.Parameters.First(spec => spec.Name == learned.Name).Shape;
            _run.BindOutput(_session, $"d/{learned.Name}", learned.Gradient, [.. shape.Select(size => (long)size)]);
        }

        foreach (var table in _parts.SelectMany(part => part.Tables))
        {
            foreach (var gather in _graph.Gathers.Where(gather => gather.Table == table.Spec.Name))
            {
                var feature = Enumerable.Range(0, Schema.Features.Count).First(index => Schema.Features[index].Name == gather.Ids);
                var ids = Batch.Ids(feature);
                var values = Pinned(checked(ids.Length * table.Spec.Shape[1]));
                _run.BindOutput(_session, gather.Gradient, values, ids.Length, table.Spec.Shape[1]);
                table.Add(new TablePlace(ids, ids.Length / Batch.Capacity, values));
            }
        }
    }

    private sealed record Part(float[] Loss, Learned[] Dense, LearnedTable[] Tables, GradientNorm Norm)
    {
        public void Save(Stream destination)
        {
            foreach (var learned in Dense)
            {
                destination.Write(MemoryMarshal.AsBytes<float>(learned.Values));
                learned.Optimizer.Save(destination);
            }

            foreach (var table in Tables)
            {
                destination.Write(MemoryMarshal.AsBytes<float>(table.Values));
                table.Optimizer.Save(destination);
            }
        }

        public void Load(Stream source)
        {
            foreach (var learned in Dense)
            {
                source.ReadExactly(MemoryMarshal.AsBytes(learned.Values.AsSpan()));
                learned.Optimizer.Load(source);
            }

            foreach (var table in Tables)
            {
                source.ReadExactly(MemoryMarshal.AsBytes(table.Values.AsSpan()));
                table.Optimizer.Load(source);
            }
        }
    }

    private sealed record Learned(string Name, float[] Values, float[] Gradient, DenseOptimizer Optimizer);
}

using System.Diagnostics;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Training;

/// <summary>Where a training is.</summary>
/// <param name="Step">Steps done, of <paramref name="Steps"/>.</param>
/// <param name="Rows">Rows trained on since the loop was started.</param>
/// <param name="Seconds">Since then.</param>
/// <param name="Losses">Running mean loss of the ranking model, then of each head.</param>
public sealed record TrainingProgress(long Step, long Steps, long Rows, double Seconds, IReadOnlyList<double> Losses);

/// <summary>Where the time of a training went.</summary>
/// <param name="Loader">Filling batches.</param>
/// <param name="Graph">Loss and gradients, in ONNX Runtime.</param>
/// <param name="Optimizer">The rest of the steps: gathering the tables' gradients, clipping, updating.</param>
public sealed record TrainingTimes(TimeSpan Loader, TimeSpan Graph, TimeSpan Optimizer);

/// <summary>Takes a trainer through the rows of a dataset, in an order that follows from the seed alone, so that it can be resumed.</summary>
public sealed class TrainingLoop
{
    // The running mean forgets with this factor per step: some 50 steps.
    private const double Remember = 0.98;

    private readonly IExamples _data;
    private readonly Trainer _trainer;
    private readonly TrainingOptions _options;
    private readonly TrainingOrder _order;
    private readonly int[] _rows;
    private readonly float[] _weights;
    private readonly long _first;
    private readonly long _scheduled;

    /// <param name="range">The training rows; the same ones when it is resumed.</param>
    /// <param name="after">The loop that this one goes on from, at the rate that its schedule ended with; null if it is the first.</param>
    public TrainingLoop(IExamples data, RowRange range, Trainer trainer, TrainingOptions options, TrainingLoop? after = null)
        : this(data, range.ToArray(), trainer, options, after)
    {
    }

    /// <param name="rows">The training rows in the order of time; the same ones when it is resumed.</param>
    /// <inheritdoc cref="TrainingLoop(IExamples, RowRange, Trainer, TrainingOptions, TrainingLoop?)"/>
    public TrainingLoop(IExamples data, int[] rows, Trainer trainer, TrainingOptions options, TrainingLoop? after = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(rows);
        ArgumentNullException.ThrowIfNull(trainer);
        ArgumentNullException.ThrowIfNull(options);
        (_data, _trainer, _options) = (data, trainer, options);
        _order = new TrainingOrder(data, rows, options);
        _rows = new int[options.BatchSize];
        _weights = new float[options.BatchSize];
        (_first, _scheduled) = after is null ? (0, Steps) : (after._first + after.Steps, after._scheduled);
    }

    /// <param name="data">Another window of a stream.</param>
    /// <param name="rows">Rows of it, in the order of time.</param>
    /// <param name="trainer">Goes on from the step that it is at.</param>
    /// <param name="scheduled">Steps after which the rate is at its floor.</param>
    public TrainingLoop(IExamples data, int[] rows, Trainer trainer, TrainingOptions options, long scheduled)
        : this(data, rows, trainer, options) => (_first, _scheduled) = (trainer.Steps, scheduled);

    /// <summary>Where the time of the last run went.</summary>
    public TrainingTimes Times { get; private set; } = new(default, default, default);

    /// <summary>Steps from its beginning to its end.</summary>
    public long Steps => _options.Epochs * StepsPerPass;

    private long StepsPerPass => (_order.Length + _options.BatchSize - 1) / _options.BatchSize;

    /// <summary>Goes on from the trainer's step to the end.</summary>
    /// <param name="progress">Called after each step.</param>
    /// <param name="cancellation">Stops between two steps.</param>
    public void Run(Action<TrainingProgress>? progress = null, CancellationToken cancellation = default)
    {
        var losses = new double[1 + _trainer.Recommender.Heads.Count];
        var (started, trained, loader, step, graph) = (Stopwatch.GetTimestamp(), 0L, 0L, 0L, _trainer.GraphTime);
        for (var first = true; _trainer.Steps < _first + Steps; first = false)
        {
            cancellation.ThrowIfCancellationRequested();
            var begin = Stopwatch.GetTimestamp();
            var (count, filled) = Fill();
            var loaded = Stopwatch.GetTimestamp();
            _trainer.Step(_scheduled, _weights.AsSpan(0, count));
            var stepped = Stopwatch.GetTimestamp();
            (loader, step, trained) = (loader + loaded - begin, step + stepped - loaded, trained + filled);
            for (var part = 0; part < losses.Length; part++)
            {
                losses[part] = first ? _trainer.Loss(part) : (Remember * losses[part]) + ((1 - Remember) * _trainer.Loss(part));
            }

            progress?.Invoke(new TrainingProgress(_trainer.Steps - _first, Steps, trained, Stopwatch.GetElapsedTime(started).TotalSeconds, losses));
        }

        graph = _trainer.GraphTime - graph;
        Times = new TrainingTimes(Stopwatch.GetElapsedTime(0, loader), graph, Stopwatch.GetElapsedTime(0, step) - graph);
    }

    /// <summary>The next batch: how many entries it has, and how many of them count.</summary>
    private (int Count, int Rows) Fill()
    {
        var done = _trainer.Steps - _first;
        var entries = _order.Of(done / StepsPerPass);
        var start = (int)(done % StepsPerPass * _options.BatchSize);
        entries = entries.Slice(start, Math.Min(_options.BatchSize, entries.Length - start));
        var rows = 0;
        for (var index = 0; index < entries.Length; index++)
        {
            var counts = entries[index] >= 0;
            _rows[index] = counts ? entries[index] : ~entries[index];
            _weights[index] = counts ? 1 : 0;
            rows += counts ? 1 : 0;
        }

        _data.Fill(_rows.AsSpan(0, entries.Length), _trainer.Batch);
        return (entries.Length, rows);
    }
}

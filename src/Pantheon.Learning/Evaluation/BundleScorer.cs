using System.Runtime.ExceptionServices;
using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Evaluation;

/// <summary>
/// Scores exposures with a bundle's own graph, each as the one candidate of a request of its own. Where the graph gives the same for
/// many users and candidates side by side, which is tried out, it runs on batches instead.
/// </summary>
public sealed class BundleScorer : IDisposable
{
    private const int BatchSize = 2048;
    private const int ProgressRows = 256;

    // Exposures that must come out the same in a batch and alone; a graph that mixes rows, or takes only one user, differs at once.
    private const int Sample = 64;
    private const double Tolerance = 1e-5;

    private readonly Bundle _bundle;
    private readonly Dataset _data;
    private readonly int _threads;
    private readonly GraphSession _single;
    private readonly GraphSession? _batch;

    private BundleScorer(Bundle bundle, Dataset data, int threads, GraphSession single, GraphSession? batch, string? oneByOne)
    {
        (_bundle, _data, _threads, _single, _batch, OneByOne) = (bundle, data, threads, single, batch, oneByOne);
    }

    /// <summary>Why exposures are scored one by one; null if in batches.</summary>
    public string? OneByOne { get; }

    /// <summary>Loads the graph and finds out how it can be run.</summary>
    /// <param name="data">From <see cref="BundleFeatures.Load"/> for this bundle; at least one exposure.</param>
    /// <param name="threads">At least 1.</param>
    /// <exception cref="BundleException">The graph is not what the manifest says.</exception>
    /// <exception cref="GraphException">The graph does not run.</exception>
    public static BundleScorer Open(Bundle bundle, Dataset data, int threads)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(data);
        var single = GraphSession.Load(bundle.ModelPath, new GraphSessionOptions { FixedShapes = true }, Inputs(bundle), Outputs(bundle));
        GraphSession? batch = null;
        try
        {
            CheckTypes(bundle, single);
            using (var alone = NewRun(bundle, data, single, 1))
            {
                // A graph that does not even run alone is not to be reported as one that does not run in batches.
                alone.Execute([0]);
            }

            var reason = "";
            try
            {
                batch = LoadBatch(bundle, threads);
                if (Agree(bundle.Manifest.Inputs, OutputsOf(bundle), data, single, batch))
                {
                    return new BundleScorer(bundle, data, threads, single, batch, null);
                }

                reason = "the graph gives other scores to rows side by side than to each alone";
            }
            catch (Exception error) when (error is GraphException or OnnxFormatException)
            {
                reason = $"the graph does not take many users at once: {OneLine(error.Message)}";
            }

            batch?.Dispose();
            return new BundleScorer(bundle, data, threads, single, null, reason);
        }
        catch
        {
            batch?.Dispose();
            single.Dispose();
            throw;
        }
    }

    /// <summary>Scores exposures.</summary>
    /// <param name="progress">Called with the share that is done, by one thread at a time.</param>
    /// <exception cref="BundleException">A score is not finite, or a Pxtr is no probability.</exception>
    public BundleScores Score(RowRange range, Action<double>? progress = null, CancellationToken cancellation = default)
    {
        var scores = new BundleScores(
            new float[range.Count], [.. Enumerable.Range(0, _bundle.Manifest.Objectives.Count).Select(_ => new float[range.Count])]);
        if (_batch is not null)
        {
            InBatches(_batch, range, scores, progress, cancellation);
        }
        else
        {
            Each(range, scores, progress, cancellation);
        }

        Check(scores);
        return scores;
    }

    public void Dispose()
    {
        _batch?.Dispose();
        _single.Dispose();
    }

    /// <summary>Whether a graph gives the same to many exposures side by side as to each alone, as far as 64 of them tell.</summary>
    /// <param name="inputs">The graph's inputs as a manifest has them; the data's features begin with these.</param>
    /// <param name="outputs">What is compared.</param>
    /// <param name="single">Takes one exposure.</param>
    /// <param name="batch">Takes 2,048, each with a user of its own.</param>
    internal static bool Agree(IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs, Dataset data, GraphSession single, GraphSession batch)
    {
        using var alone = new BundleRun(inputs, outputs, data, single, 1);
        using var together = new BundleRun(inputs, outputs, data, batch, BatchSize);
        var rows = new int[BatchSize];
        for (var index = 0; index < rows.Length; index++)
        {
            rows[index] = (int)((long)index * data.Count / rows.Length);
        }

        together.Execute(rows);
        for (var index = 0; index < rows.Length; index += BatchSize / Sample)
        {
            alone.Execute([rows[index]]);
            for (var output = 0; output < alone.Outputs.Count; output++)
            {
                var columns = alone.Outputs[output].Length;
                for (var column = 0; column < columns; column++)
                {
                    var (one, many) = (alone.Outputs[output][column], together.Outputs[output][(index * columns) + column]);
                    if (!one.Equals(many) && !(Math.Abs((double)one - many) <= Tolerance * Math.Max(1, Math.Abs(one))))
                    {
                        return false;
                    }
                }
            }
        }

        return true;
    }

    /// <summary>A bundle's graph with a user in every row, whether it then does the same or not.</summary>
    /// <exception cref="OnnxFormatException">A user input has no dimension for rows, or weights lie in other files.</exception>
    internal static OnnxModel WithRows(Bundle bundle)
    {
        var once = bundle.Manifest.Inputs.Where(input => !input.Shape.Contains(null)).ToList();
        var model = OnnxModel.Load(bundle.ModelPath);
        return once.FirstOrDefault(input => input.Shape.Count == 0 || input.Shape[0] != 1) is { } flat ? throw new OnnxFormatException($"user input '{flat.Name}' has no dimension for rows")
            : model.ExternalDataFiles.Count > 0 ? throw new OnnxFormatException("its weights are in external data files")
            : model.WithRows([.. once.Select(input => input.Name)]);
    }

    private static BundleRun NewRun(Bundle bundle, Dataset data, GraphSession session, int rows) => new(bundle.Manifest.Inputs, OutputsOf(bundle), data, session, rows);

    internal static string OneLine(string message) => string.Join(' ', message.Split((char[]?)null, StringSplitOptions.RemoveEmptyEntries));

    private static string[] Inputs(Bundle bundle) => [.. bundle.Manifest.Inputs.Select(input => input.Name)];

    private static OutputSpec[] OutputsOf(Bundle bundle) => [bundle.Manifest.Score, .. bundle.Manifest.Pxtrs];

    private static string[] Outputs(Bundle bundle) => [.. OutputsOf(bundle).Select(output => output.Name)];

    private static GraphSession LoadBatch(Bundle bundle, int threads)
    {
        var options = new GraphSessionOptions { IntraOpThreads = threads, FixedShapes = true, Spin = true };
        return bundle.Manifest.Inputs.All(input => input.Shape.Contains(null))
            ? GraphSession.Load(bundle.ModelPath, options, Inputs(bundle), Outputs(bundle))
            : GraphSession.Load(WithRows(bundle), options, Inputs(bundle), Outputs(bundle));
    }

    private static void CheckTypes(Bundle bundle, GraphSession session)
    {
        for (var index = 0; index < session.Inputs.Count; index++)
        {
            var expected = bundle.Manifest.Inputs[index].Type == ElementType.Float ? TensorElement.Float : TensorElement.Int64;
            Require(session.Inputs[index], expected, "input");
        }

        foreach (var output in session.Outputs)
        {
            Require(output, TensorElement.Float, "output");
        }

        void Require(GraphTensor tensor, TensorElement expected, string what)
        {
            if (tensor.Element != expected)
            {
                throw new BundleException($"{bundle.Directory}: {what} '{tensor.Name}' of the graph is {tensor.ElementName}, expected {expected}");
            }
        }
    }

    private void InBatches(GraphSession session, RowRange range, BundleScores scores, Action<double>? progress, CancellationToken cancellation)
    {
        using var run = NewRun(_bundle, _data, session, BatchSize);
        var rows = new int[BatchSize];
        for (var start = 0; start < range.Count; start += BatchSize)
        {
            cancellation.ThrowIfCancellationRequested();
            var count = Math.Min(BatchSize, range.Count - start);
            for (var index = 0; index < BatchSize; index++)
            {
                // The last row is repeated to fill the batch; nobody reads what comes of it.
                rows[index] = range.Start + Math.Min(start + index, range.Count - 1);
            }

            run.Execute(rows);
            run.Read(scores, start, count);
            progress?.Invoke((double)(start + count) / range.Count);
        }
    }

    private void Each(RowRange range, BundleScores scores, Action<double>? progress, CancellationToken cancellation)
    {
        var done = 0;
        var gate = new Lock();
        try
        {
            Parallel.For(
                0, range.Count, new ParallelOptions { MaxDegreeOfParallelism = _threads, CancellationToken = cancellation },
                () => NewRun(_bundle, _data, _single, 1),
                (index, _, run) =>
                {
                    run.Execute([range.Start + index]);
                    run.Read(scores, index, 1);
                    if (Interlocked.Increment(ref done) % ProgressRows == 0 && progress is not null)
                    {
                        lock (gate)
                        {
                            progress((double)Volatile.Read(ref done) / range.Count);
                        }
                    }

                    return run;
                },
                static run => run.Dispose());
        }
        catch (AggregateException failures)
        {
            // One thread's failure stops the others; which of several is told makes no difference.
            ExceptionDispatchInfo.Throw(failures.InnerExceptions[0]);
        }
    }

    private void Check(BundleScores scores)
    {
        var broken = scores.Score.Count(score => !float.IsFinite(score));
        if (broken > 0)
        {
            throw new BundleException($"{_bundle.Directory}: the score of {broken} of {scores.Score.Length} exposures is not finite, expected all to be");
        }

        for (var objective = 0; objective < scores.Pxtrs.Length; objective++)
        {
            foreach (var pxtr in scores.Pxtrs[objective])
            {
                if (!(pxtr is >= 0 and <= 1))
                {
                    throw new BundleException(
                        $"{_bundle.Directory}: a Pxtr of {_bundle.Manifest.Objectives[objective]} is {pxtr}, expected a probability from 0 to 1");
                }
            }
        }
    }
}

using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Training;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Evaluation;

/// <summary>A bundle's graph bound to buffers for a fixed number of exposures. Not for several threads.</summary>
internal sealed class BundleRun : IDisposable
{
    private readonly Dataset _data;
    private readonly GraphRun _run;
    private readonly FeatureBatch _batch;
    private readonly float[][] _outputs;

    /// <param name="inputs">The graph's inputs as a manifest has them.</param>
    /// <param name="outputs">The outputs to read.</param>
    /// <param name="data">Its features begin with these inputs in order.</param>
    /// <param name="session">Has inputs and outputs of these names.</param>
    /// <param name="rows">Exposures at once; above 1 each has a user of its own.</param>
    public BundleRun(IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs, Dataset data, GraphSession session, int rows)
    {
        _data = data;
        _batch = new FeatureBatch(data.Schema, rows);
        _run = session.Rent();
        for (var index = 0; index < inputs.Count; index++)
        {
            var input = inputs[index];
            long[] shape = [.. input.Shape.Select(size => size ?? rows)];
            if (rows > 1 && !input.Shape.Contains(null))
            {
                shape[0] = rows;
            }

            if (input.Type == ElementType.Int64)
            {
                _run.BindInput(session, input.Name, _batch.Ids(index), shape);
            }
            else
            {
                _run.BindInput(session, input.Name, _batch.Numbers(index), shape);
            }
        }

        _outputs = [.. outputs.Select(output =>
        {
            var values = GC.AllocateArray<float>(checked(rows * output.Columns), pinned: true);
            _run.BindOutput(session, output.Name, values, [.. output.Shape.Select(size => size ?? rows)]);
            return values;
        })];
    }

    /// <summary>The outputs in the order asked for, row-major.</summary>
    public IReadOnlyList<float[]> Outputs => _outputs;

    /// <param name="rows">As many exposures as it was made for.</param>
    /// <exception cref="GraphException">The graph failed.</exception>
    public void Execute(ReadOnlySpan<int> rows)
    {
        _data.Fill(rows, _batch);
        _run.Execute();
    }

    /// <summary>Of a run whose outputs are a score, then the Pxtrs: copies the first rows to their places.</summary>
    public void Read(BundleScores scores, int start, int count)
    {
        _outputs[0].AsSpan(0, count).CopyTo(scores.Score.AsSpan(start));
        for (var objective = 0; objective < scores.Pxtrs.Length; objective++)
        {
            // One output of all columns, or an output for each.
            var (values, columns, column) = _outputs.Length == 2 ? (_outputs[1], scores.Pxtrs.Length, objective) : (_outputs[1 + objective], 1, 0);
            var to = scores.Pxtrs[objective].AsSpan(start, count);
            for (var row = 0; row < count; row++)
            {
                to[row] = values[(row * columns) + column];
            }
        }
    }

    public void Dispose() => _run.Dispose();
}

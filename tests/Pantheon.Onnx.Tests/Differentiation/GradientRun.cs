using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Differentiation;

/// <summary>
/// A case with the loss sum_i c_i y_i, run by ONNX Runtime: the values y, and the gradients with respect to every input. With an open
/// batch the first dimension is a symbol, of the first input and of those that share it.
/// </summary>
internal sealed class GradientRun : IDisposable
{
    private readonly GradientCase _case;
    private readonly bool _openBatch;
    private readonly GraphTrial _forward;

    public GradientRun(GradientCase gradientCase, bool openBatch)
    {
        (_case, _openBatch) = (gradientCase, openBatch);
        var (graph, _, value) = Begin();
        graph.Output("y", value);
        _forward = GraphTrial.Load(graph.Build());
    }

    public (float[] Values, long[] Shape) Forward(float[][] inputs)
    {
        var y = _forward.Run(Feed(inputs), ["y"])[0];
        return (y.Floats!, y.Shape);
    }

    // In double, from the values: a float sum would hide what finite differences look for.
    public double Loss(float[][] inputs, float[] weights) =>
        Forward(inputs).Values.Zip(weights, (value, weight) => (double)value * weight).Sum();

    public float[][] Gradient(float[][] inputs, float[] weights, long[] shape)
    {
        var (model, depends) = Model();
        using var trial = GraphTrial.Load(model);
        var feed = Feed(inputs);
        feed["weights"] = TensorValue.Of(weights, shape);
        var results = trial.Run(feed, [.. depends.Select(index => $"dx{index}")]);
        var gradients = inputs.Select(input => new float[input.Length]).ToArray();
        foreach (var (index, result) in depends.Zip(results))
        {
            Assert.Equal(_case.Shapes[index].Select(size => (long)size), result.Shape);
            gradients[index] = result.Floats!;
        }

        return gradients;
    }

    /// <summary>The graph of the loss and its gradients, and the inputs that the loss depends on.</summary>
    public (OnnxModel Model, int[] Depends) Model()
    {
        var (graph, inputs, value) = Begin();
        var weights = graph.Input("weights", OnnxElementType.Float, [.. value.Shape]);
        var gradients = Gradients.Of(graph.Output("loss", (value * weights).ReduceSum()), inputs);
        int[] depends = [.. Enumerable.Range(0, inputs.Length).Where(index => gradients[index].Dense is not null)];
        foreach (var index in depends)
        {
            graph.Output($"dx{index}", gradients[index].Dense!);
        }

        return (graph.Build(), depends);
    }

    public void Dispose() => _forward.Dispose();

    private (GraphBuilder Graph, Tensor[] Inputs, Tensor Value) Begin()
    {
        var graph = new GraphBuilder();
        var first = _case.Shapes[0];
        var inputs = _case.Shapes.Select((shape, index) => graph.Input($"x{index}", OnnxElementType.Float, [.. shape.Select((size, axis) =>
            _openBatch && axis == 0 && shape.Length == first.Length && size == first[0] ? (Dimension)"batch" : size)])).ToArray();
        return (graph, inputs, _case.Build(graph, inputs));
    }

    private Dictionary<string, TensorValue> Feed(float[][] inputs) => inputs.Select((values, index) => (values, index)).ToDictionary(
        entry => $"x{entry.index}", entry => TensorValue.Of(entry.values, [.. _case.Shapes[entry.index].Select(size => (long)size)]));
}

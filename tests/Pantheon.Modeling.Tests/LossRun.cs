using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

/// <summary>A loss of some rows, and its gradient with respect to their logits, by ONNX Runtime.</summary>
/// <param name="Labels">[rows, M].</param>
/// <param name="Weights">[M].</param>
/// <param name="RowWeights">[rows].</param>
internal sealed record LossRun(float[] Labels, float[] Weights, float[] RowWeights)
{
    /// <param name="build">From logits, labels, weights and row weights to the loss.</param>
    /// <param name="logits">[rows, columns].</param>
    public (float Loss, float[] Gradient) Of(int columns, Func<Tensor, Tensor, Tensor, Tensor, Tensor> build, float[] logits)
    {
        var graph = new GraphBuilder();
        var logit = graph.Input("logit", OnnxElementType.Float, "n", columns);
        var loss = build(
            logit, graph.Input("labels", OnnxElementType.Float, "n", Weights.Length), graph.Input("weights", OnnxElementType.Float, Weights.Length),
            graph.Input("rows", OnnxElementType.Float, "n"));
        graph.Output("loss", loss);
        graph.Output("gradient", Gradients.Of(loss, [logit])[0].Dense!);
        var model = graph.Build();
        var feed = new Dictionary<string, TensorValue>
        {
            ["logit"] = TensorValue.Of(logits, [RowWeights.Length, columns]),
            ["labels"] = TensorValue.Of(Labels, [RowWeights.Length, Weights.Length]),
            ["weights"] = TensorValue.Of(Weights, [Weights.Length]),
            ["rows"] = TensorValue.Of(RowWeights, [RowWeights.Length]),
        };
        using var trial = GraphTrial.Load(model);
        var results = trial.Run(feed.Where(entry => model.Inputs.Any(input => input.Name == entry.Key)).ToDictionary(), ["loss", "gradient"]);
        return (results[0].Floats![0], results[1].Floats!);
    }
}

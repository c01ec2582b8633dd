using Pantheon.Onnx.Building;
using Pantheon.Onnx.Format;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Operators;

/// <summary>A node on the way back: its inputs and outputs, and the gradients of the loss with respect to its outputs.</summary>
internal sealed class BackwardCall(GraphBuilder graph, NodeProto node, Tensor?[] inputs, Tensor[] outputs, Tensor?[] gradients)
    : OperatorCall(graph, node, inputs)
{
    /// <summary>What the node made first.</summary>
    public Tensor Output => outputs[0];

    public IReadOnlyList<Tensor> Outputs => outputs;

    /// <summary>With respect to <see cref="Output"/>, and of its shape.</summary>
    public Tensor Gradient => gradients[0] ?? throw Refused("only a later output has a gradient, and there is no rule for that");

    /// <summary>With respect to an output; zeros where nothing depends on it.</summary>
    public Tensor GradientOf(int output) => gradients[output] ?? Graph.ZerosLike(outputs[output]);

    /// <summary>Sums what broadcasting repeated, so that the gradient has the input's own shape.</summary>
    public Tensor ReduceTo(Tensor gradient, int input)
    {
        var from = gradient.Shape;
        var to = Input(input).Shape;
        var extra = from.Count - to.Count;
        var dropped = Enumerable.Range(0, extra).Select(axis => (long)axis).ToArray();
        var reduced = dropped.Length > 0 ? gradient.ReduceSum(dropped, keepDimensions: false) : gradient;
        List<long> kept = [];
        for (var axis = 0; axis < to.Count; axis++)
        {
            var (have, want) = (from[axis + extra], to[axis]);
            if (have == want)
            {
                continue;
            }

            Require(want.Value == 1, $"whether dimension {axis} of {Input(input)} is broadcast to '{have}' is only known when the graph runs");
            kept.Add(axis);
        }

        return kept.Count > 0 ? reduced.ReduceSum([.. kept], keepDimensions: true) : reduced;
    }
}

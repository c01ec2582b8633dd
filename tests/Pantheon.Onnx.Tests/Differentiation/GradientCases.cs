using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Tests.Differentiation;

/// <summary>One function of some tensors, written with our operators. The same names in python/make_gradients.py are its PyTorch twins.</summary>
/// <param name="Shapes">Of the inputs x0, x1, ...</param>
/// <param name="Build">The function; any shape.</param>
/// <param name="Positive">Whether the inputs must be above 0.</param>
/// <param name="Smooth">False: it has kinks, and finite differences over one would say nothing; inputs keep away from 0.</param>
public sealed record GradientCase(int[][] Shapes, Func<GraphBuilder, Tensor[], Tensor> Build, bool Positive = false, bool Smooth = true);

/// <summary>Every gradient rule at least once, alone and in the compositions that networks use.</summary>
public static class GradientCases
{
    public static IReadOnlyDictionary<string, GradientCase> All { get; } = new Dictionary<string, GradientCase>
    {
        ["add_broadcast"] = new([[3, 4], [4]], (_, x) => x[0] + x[1]),
        ["add_broadcast_middle"] = new([[2, 1, 4], [3, 1]], (_, x) => x[0] + x[1]),
        ["sub_broadcast"] = new([[3, 4], [3, 1]], (_, x) => x[0] - x[1]),
        ["mul_broadcast"] = new([[2, 3, 4], [3, 1]], (_, x) => x[0] * x[1]),
        ["mul_same"] = new([[3, 2]], (_, x) => x[0] * x[0] * x[0]),
        ["div_broadcast"] = new([[3, 4], [1, 4]], (_, x) => x[0] / x[1], Positive: true),
        ["pow"] = new([[3, 4], [4]], (_, x) => x[0].Pow(x[1]), Positive: true),
        ["max"] = new([[3, 4], [4]], (_, x) => x[0].Max(x[1]), Smooth: false),
        ["min"] = new([[3, 4], [3, 4]], (_, x) => x[0].Min(x[1]), Smooth: false),
        ["max_ties"] = new([[3, 4]], (_, x) => x[0].Max(x[0]) * x[0]),
        ["neg_abs"] = new([[3, 4]], (_, x) => -x[0].Abs(), Smooth: false),
        ["exp"] = new([[3, 4]], (_, x) => x[0].Exp()),
        ["log"] = new([[3, 4]], (_, x) => x[0].Log(), Positive: true),
        ["sqrt"] = new([[3, 4]], (_, x) => x[0].Sqrt(), Positive: true),
        ["reciprocal"] = new([[3, 4]], (graph, x) => graph.Apply("Reciprocal", x[0]), Positive: true),
        ["erf"] = new([[3, 4]], (_, x) => x[0].Erf()),
        ["gelu"] = new([[3, 4]], (_, x) => x[0].Gelu()),
        ["relu"] = new([[3, 4]], (_, x) => x[0].Relu(), Smooth: false),
        ["leaky_relu"] = new([[3, 4]], (_, x) => x[0].LeakyRelu(0.2f), Smooth: false),
        ["sigmoid"] = new([[3, 4]], (_, x) => x[0].Sigmoid()),
        ["tanh"] = new([[3, 4]], (_, x) => x[0].Tanh()),
        ["softplus"] = new([[3, 4]], (_, x) => x[0].Softplus()),
        ["clip"] = new([[3, 4]], (_, x) => x[0].Clip(-0.43f, 0.57f), Smooth: false),
        ["where"] = new([[3, 4], [4], [3, 1]], (_, x) => x[0].IsGreater(x[1]).Where(x[1] * x[0], x[2]), Smooth: false),
        ["cast"] = new([[3, 4]], (_, x) => x[0] * x[0].Cast(OnnxElementType.Int64).Cast(OnnxElementType.Float), Smooth: false),
        ["gemm"] = new([[3, 4], [4, 5], [5]], (_, x) => x[0].Gemm(x[1], x[2])),
        ["gemm_trans_left"] = new([[4, 3], [4, 5], [3, 5]], (_, x) => x[0].Gemm(x[1], x[2], transLeft: true)),
        ["gemm_trans_right"] = new([[3, 4], [5, 4]], (_, x) => x[0].Gemm(x[1], transRight: true)),
        ["gemm_trans_both"] = new([[4, 3], [5, 4]], (_, x) => x[0].Gemm(x[1], transLeft: true, transRight: true)),
        ["gemm_scaled"] = new([[3, 4], [5, 4], [3, 1]], (graph, x) => graph.Apply(
            "Gemm", [Attributes.Number("alpha", 0.5f), Attributes.Number("beta", -2), Attributes.Integer("transB", 1)], x[0], x[1], x[2])),
        ["matmul"] = new([[3, 4], [4, 5]], (_, x) => x[0].MatMul(x[1])),
        ["matmul_rows"] = new([[2, 3, 4], [4, 5]], (_, x) => x[0].MatMul(x[1])),
        ["matmul_stack"] = new([[2, 3, 4], [2, 4, 5]], (_, x) => x[0].MatMul(x[1])),
        ["matmul_broadcast"] = new([[2, 1, 3, 4], [3, 4, 2]], (_, x) => x[0].MatMul(x[1])),
        ["linear_rank3"] = new([[2, 3, 4], [4, 5], [5]], (_, x) => x[0].Linear(x[1], x[2])),
        ["reshape"] = new([[3, 4]], (_, x) => x[0].Reshape(2, -1) * x[0].Reshape(2, 6)),
        ["flatten"] = new([[2, 3, 4]], (graph, x) => graph.Apply("Flatten", [Attributes.Integer("axis", 1)], x[0]) is var flat ? flat * flat : x[0]),
        ["squeeze_unsqueeze"] = new([[3, 1, 4]], (_, x) => x[0].Squeeze(1).Unsqueeze(0, 2) * x[0].Squeeze(1).Unsqueeze(0, 2)),
        ["transpose"] = new([[2, 3, 4], [4, 2, 3]], (_, x) => x[0].Transpose(2, 0, 1) * x[1]),
        ["expand"] = new([[3, 1], [3, 4]], (_, x) => x[0].ExpandLike(x[1]) * x[1]),
        ["concat"] = new([[2, 3], [2, 1], [2, 4]], (graph, x) => graph.Concat(1, x[0], x[1] * x[1], x[2])),
        ["split"] = new([[2, 6]], (graph, x) => x[0].Split(1, [1, 3, 2]) is var parts ? graph.Concat(1, parts[2] * parts[2], parts[0]) : x[0]),
        ["slice"] = new([[4, 5]], (_, x) => x[0].Slice(1, 1, -1).Slice(0, 2, 4).Exp()),
        ["gather_rows"] = new([[5, 3]], (graph, x) => x[0].Gather(graph.Constant(4, 0, 4, 2)).Exp()),
        ["gather_columns"] = new([[2, 5, 3]], (graph, x) => x[0].Gather(graph.Constant(1, 1, 3), axis: 1).Exp()),
        ["gather_one"] = new([[2, 5, 3]], (graph, x) => x[0].Gather(graph.IntegerConstant(2), axis: 1).Exp()),
        ["gather_one_of_product"] = new([[2, 5, 3], [3, 4]], (graph, x) => x[0].Gather(graph.IntegerConstant(2), axis: 1).Gemm(x[1])),
        ["reduce_sum"] = new([[2, 3, 4]], (_, x) => x[0].ReduceSum([1]).Exp()),
        ["reduce_sum_keep"] = new([[2, 3, 4]], (_, x) => x[0].ReduceSum([0, -1], keepDimensions: true) * x[0]),
        ["reduce_mean"] = new([[2, 3, 4]], (_, x) => x[0].ReduceMean([-1]).Exp()),
        ["reduce_mean_all"] = new([[2, 3, 4]], (_, x) => x[0].ReduceMean() * x[0]),
        ["softmax"] = new([[3, 4]], (_, x) => x[0].Softmax() * x[0]),
        ["softmax_first"] = new([[3, 4]], (_, x) => x[0].Softmax(0)),
        ["log_softmax"] = new([[3, 4]], (_, x) => x[0].LogSoftmax()),
        ["layer_normalization"] = new([[3, 6], [6], [6]], (_, x) => x[0].LayerNormalization(x[1], x[2])),
        ["layer_normalization_rank3"] = new([[2, 3, 6], [6], [6]], (_, x) => (x[0].LayerNormalization(x[1], x[2]) * 0.3f).Exp()),
        ["binary_cross_entropy"] = new([[3, 4], [3, 4]], (_, x) => (x[0] * 10f).BinaryCrossEntropy(x[1].Sigmoid().StopGradient())),
        ["stop_gradient"] = new([[3, 4]], (_, x) => x[0].StopGradient() * x[0]),
        ["attention"] = new([[2, 3, 4], [4, 4], [4, 4], [4, 4]], (_, x) =>
            (x[0].Linear(x[1], null).MatMul(x[0].Linear(x[2], null).Transpose(0, 2, 1)) * 0.5f).Softmax().MatMul(x[0].Linear(x[3], null))),
        ["gated_experts"] = new([[5, 3], [3, 4], [3, 4], [3, 2], [4]], (graph, x) =>
        {
            var gates = x[0].Gemm(x[3]).Softmax().Unsqueeze(2);
            var experts = graph.Concat(1, x[0].Gemm(x[1], x[4]).Relu().Unsqueeze(1), x[0].Gemm(x[2]).Tanh().Unsqueeze(1));
            return (gates * experts).ReduceSum([1]);
        }, Smooth: false),
    };

    // Slice along the batch, and reshapes that mix it with others, need its size.
    public static bool CanBeOpen(string name) =>
        name is not ("slice" or "reshape" or "gather_rows" or "squeeze_unsqueeze" or "gemm_trans_left" or "gemm_trans_both" or "transpose");
}

using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Onnx.Tests.Building;

/// <summary>What does not fit is refused where it is made, and the message names the node, what came and what was expected.</summary>
public sealed class BuilderBordersTests
{
    // x Float [n,4], y Float [5,3], v Float [4], b Bool [n,4], i Int64 [n].
    private static readonly Dictionary<string, (Func<GraphBuilder, object> Make, string[] Expected)> s_mistakes = new()
    {
        ["gemm, inner"] = (g => g["x"].Gemm(g["y"]), ["Gemm (node 'Gemm_0')", "the inner dimensions are 4 and 5", "'x' Float [n,4], 'y' Float [5,3]"]),
        ["gemm, rank"] = (g => g["x"].Gemm(g["v"]), ["Gemm (node 'Gemm_0')", "expected 2 dimensions of each"]),
        ["gemm, added"] = (g => g["x"].Gemm(g["y"], g["v"], transRight: false, transLeft: true), ["Gemm (node 'Gemm_0')", "[4,3] and [4] do not broadcast"]),
        ["gemm, type"] = (g => g["x"].Cast(OnnxElementType.Int64).Gemm(g["y"], transRight: true), ["Gemm (node 'Gemm_0')", "input 1 is Float; expected numbers of one type"]),
        ["matmul, inner"] = (g => g["x"].MatMul(g["y"]), ["MatMul (node 'MatMul_0')", "the inner dimensions are 4 and 5"]),
        ["matmul, rank"] = (g => g["v"].MatMul(g["x"]), ["MatMul (node 'MatMul_0')", "expected at least 2 dimensions"]),
        ["add, shapes"] = (g => g["x"] + g["y"], ["Add (node 'Add_0')", "[n,4] and [5,3] do not broadcast"]),
        ["add, nothing to something"] = (g => g["y"].Slice(1, 2, 2) + g["y"], ["Add (node 'Add_0')", "[5,0] and [5,3] do not broadcast"]),
        ["add, types"] = (g => g["x"] + g["i"], ["Add (node 'Add_0')", "Float and Int64; expected one type"]),
        ["add, bools"] = (g => g["b"] + g["b"], ["Add (node 'Add_0')", "Bool; expected numbers"]),
        ["relu of bool"] = (g => g["b"].Relu(), ["Relu (node 'Relu_0')", "Bool; expected numbers"]),
        ["sigmoid of integers"] = (g => g["i"].Sigmoid(), ["Sigmoid (node 'Sigmoid_0')", "Int64; expected floats"]),
        ["softmax of integers"] = (g => g["i"].Softmax(), ["Softmax (node 'Softmax_0')", "Int64; expected floats"]),
        ["greater of bools"] = (g => g["b"].IsGreater(g["b"]), ["Greater (node 'Greater_0')", "Bool; expected numbers"]),
        ["where, condition"] = (g => g["x"].Where(g["x"], g["x"]), ["Where (node 'Where_0')", "the condition is not Bool"]),
        ["where, types"] = (g => g["b"].Where(g["x"], g["i"]), ["Where (node 'Where_0')", "Float and Int64; expected one type"]),
        ["softmax, axis"] = (g => g["x"].Softmax(2), ["Softmax (node 'Softmax_0')", "axis 2 is not one of 2 dimensions"]),
        ["concat, other dimension"] = (g => g.Concat(0, g["x"], g["y"]), ["Concat (node 'Concat_0')", "dimension 1 of input 1 is 3; expected 4"]),
        ["concat, rank"] = (g => g.Concat(0, g["x"], g["v"]), ["Concat (node 'Concat_0')", "input 1, 'v' Float [4], is of another rank or type"]),
        ["split, sum"] = (g => g["x"].Split(1, [1, 2]), ["Split (node 'Split_0')", "parts of 1, 2 do not make 4"]),
        ["split, negative"] = (g => g["x"].Split(1, [-1, 5]), ["Split (node 'Split_0')", "parts of -1, 5 do not make 4"]),
        ["slice of an open axis"] = (g => g["x"].Slice(0, 0, 1), ["dimension 0 of 'x' Float [n,4] is open; expected a fixed size"]),
        ["gather, indices"] = (g => g["y"].Gather(g["v"]), ["Gather (node 'Gather_0')", "its indices are Float; expected integers"]),
        ["gather, axis"] = (g => g["y"].Gather(g["i"], axis: -3), ["Gather (node 'Gather_0')", "axis -3 is not one of 2 dimensions"]),
        ["reshape, size"] = (g => g["y"].Reshape(4, 4), ["Reshape (node 'Reshape_0')", "[5,3] does not fill [4,4]"]),
        ["reshape, rest"] = (g => g["y"].Reshape(4, -1), ["Reshape (node 'Reshape_0')", "[5,3] does not fill [4,-1]"]),
        ["reshape, beside a symbol"] = (g => g["x"].Reshape(0, 2, 3), ["Reshape (node 'Reshape_0')", "[n,4] does not fill [0,2,3]"]),
        ["reshape, two open"] = (g => g["y"].Reshape(-1, -1), ["Reshape (node 'Reshape_0')", "[-1,-1] is no shape; expected sizes, and -1 at most once"]),
        ["reshape, copied"] = (g => g["v"].Reshape(2, 0), ["Reshape (node 'Reshape_0')", "dimension 1 is to be copied and there is none"]),
        ["squeeze"] = (g => g["y"].Squeeze(0), ["Squeeze (node 'Squeeze_0')", "a dimension to be left out is not 1"]),
        ["unsqueeze twice"] = (g => g["y"].Unsqueeze(0, 0), ["Unsqueeze (node 'Unsqueeze_0')", "places 0, 0; expected each once"]),
        ["unsqueeze, axis"] = (g => g["y"].Unsqueeze(3), ["Unsqueeze (node 'Unsqueeze_0')", "axis 3 is not one of 3 dimensions"]),
        ["transpose"] = (g => g["y"].Transpose(1, 1), ["Transpose (node 'Transpose_0')", "[1,1] is no order of 2 dimensions"]),
        ["sum, axis twice"] = (g => g["y"].ReduceSum([1, -1]), ["ReduceSum (node 'ReduceSum_0')", "axes 1, 1; expected each once"]),
        ["mean, axis"] = (g => g["y"].ReduceMean([2]), ["ReduceMean (node 'ReduceMean_0')", "axis 2 is not one of 2 dimensions"]),
        ["normalisation, scale"] = (g => g["y"].LayerNormalization(g["v"], g["v"]), ["LayerNormalization (node 'LayerNormalization_0')", "the scale is 'v' Float [4]; expected [3]"]),
        ["normalisation, shift"] = (g => g["x"].LayerNormalization(g["v"], g["y"]), ["LayerNormalization (node 'LayerNormalization_0')", "the shift is 'y' Float [5,3]; expected the scale's shape"]),
        ["another graph"] = (g => g["x"] + new GraphBuilder().Input("z", OnnxElementType.Float, 4), ["Add: 'z' Float [4] belongs to another graph"]),
        ["unknown name"] = (g => g["w"], ["the graph has no value 'w'"]),
        ["input twice"] = (g => g.Input("x", OnnxElementType.Float, 1), ["already has a value named 'x'; expected a new name"]),
        ["parameter twice"] = (g => (g.Parameter("p", 2), g.Parameter("p", 2)), ["already has a value named 'p'; expected a new name"]),
        ["output over another"] = (g => g.Output("y", g["x"]), ["already has a value named 'y'; expected a new name"]),
        ["constant, length"] = (g => g.Constant([1f, 2f], 3), ["a constant [3] came with 2 values; expected 3"]),
        ["parameter without values"] = (
            g => { g.Output("out", g.Parameter("p", 2) + 1f); return g.Build(_ => new float[3]); }, ["parameter 'p' Float [2] came with 3 values; expected 2"]),
        ["loss of integers"] = (g => Gradients.Of(g["i"], [g["x"]]), ["the loss is 'i' Int64 [n]; expected Float with one element"]),
        ["seed, shape"] = (g => Gradients.Of(g["x"].Exp(), g["y"], [g["x"]]), ["the seed is 'y' Float [5,3]; expected the type and shape of 'Exp_0' Float [n,4]"]),
    };

    public static TheoryData<string> Mistakes => [.. s_mistakes.Keys];

    [Theory]
    [MemberData(nameof(Mistakes))]
    public void Make_WhatDoesNotFit_IsRefusedWithItsNameAndWhatWasExpected(string mistake)
    {
        var graph = new GraphBuilder();
        graph.Input("x", OnnxElementType.Float, "n", 4);
        graph.Input("y", OnnxElementType.Float, 5, 3);
        graph.Input("v", OnnxElementType.Float, 4);
        graph.Input("b", OnnxElementType.Bool, "n", 4);
        graph.Input("i", OnnxElementType.Int64, "n");
        var (make, expected) = s_mistakes[mistake];

        var error = Assert.Throws<GraphBuildException>(() => make(graph));

        Assert.All(expected, part => Assert.Contains(part, error.Message, StringComparison.Ordinal));
    }

    [Fact]
    public void Input_WithoutAName_IsRefused() => Assert.ThrowsAny<ArgumentException>(() => new GraphBuilder().Input("", OnnxElementType.Float, 1));

    [Fact]
    public void Shape_OfSymbols_StaysSymbolic()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", OnnxElementType.Float, "n", 4);
        var y = graph.Input("y", OnnxElementType.Float, "n", 1);

        string[] shapes =
        [
            Text(x + y), Text(x.Reshape(-1, 2)), Text(x.Reshape(-1)), Text(x.Reshape(0, 2, -1)), Text(graph.Concat(1, x, y)), Text(graph.Concat(0, y, y)),
            Text(x.Transpose(1, 0)), Text(x.Unsqueeze(1)), Text(x.ReduceSum([0])), Text(x.Transpose(1, 0).MatMul(y)), Text(x.Reshape(-1).Reshape(-1, 4)),
        ];

        Assert.Equal(["[n,4]", "[n*2,2]", "[n*4]", "[n,2,2]", "[n,5]", "[?,1]", "[4,n]", "[n,1,4]", "[4]", "[4,1]", "[n,4]"], shapes);

        static string Text(Tensor tensor) => $"[{string.Join(',', tensor.Shape)}]";
    }
}

using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Operators;

namespace Pantheon.Onnx.Building;

/// <summary>The operators that networks are written with. Each appends nodes to the tensor's graph and gives what they make.</summary>
public static class TensorOperations
{
    public static Tensor Relu(this Tensor value) => value.Graph.Apply("Relu", value);

    public static Tensor LeakyRelu(this Tensor value, float slope) => value.Graph.Apply("LeakyRelu", [Attributes.Number("alpha", slope)], value);

    public static Tensor Sigmoid(this Tensor value) => value.Graph.Apply("Sigmoid", value);

    public static Tensor Tanh(this Tensor value) => value.Graph.Apply("Tanh", value);

    /// <summary>log(1 + exp(x)), stable for large x.</summary>
    public static Tensor Softplus(this Tensor value) => value.Graph.Apply("Softplus", value);

    public static Tensor Exp(this Tensor value) => value.Graph.Apply("Exp", value);

    public static Tensor Log(this Tensor value) => value.Graph.Apply("Log", value);

    public static Tensor Sqrt(this Tensor value) => value.Graph.Apply("Sqrt", value);

    public static Tensor Abs(this Tensor value) => value.Graph.Apply("Abs", value);

    /// <summary>-1, 0 or 1; no gradient passes.</summary>
    public static Tensor Sign(this Tensor value) => value.Graph.Apply("Sign", value);

    public static Tensor Erf(this Tensor value) => value.Graph.Apply("Erf", value);

    /// <summary>x Phi(x), with the error function (Hendrycks and Gimpel 2016).</summary>
    public static Tensor Gelu(this Tensor value) => value * 0.5f * ((value * (1 / MathF.Sqrt(2))).Erf() + 1f);

    public static Tensor Pow(this Tensor value, Tensor exponent) => value.Graph.Apply("Pow", value, exponent);

    public static Tensor Max(this Tensor left, Tensor right) => left.Graph.Apply("Max", left, right);

    public static Tensor Min(this Tensor left, Tensor right) => left.Graph.Apply("Min", left, right);

    public static Tensor Clip(this Tensor value, float lowest, float highest) =>
        value.Graph.Apply("Clip", value, value.Graph.Constant(lowest), value.Graph.Constant(highest));

    public static Tensor Cast(this Tensor value, OnnxElementType type) =>
        value.ElementType == type ? value : value.Graph.Apply("Cast", [Attributes.Integer("to", (long)type)], value);

    /// <summary>Where the condition holds the one, elsewhere the other.</summary>
    /// <param name="condition">Bool.</param>
    public static Tensor Where(this Tensor condition, Tensor yes, Tensor no) => condition.Graph.Apply("Where", condition, yes, no);

    /// <summary>Bool: where both are equal.</summary>
    public static Tensor IsEqual(this Tensor left, Tensor right) => left.Graph.Apply("Equal", left, right);

    /// <summary>Bool: where the left one is greater.</summary>
    public static Tensor IsGreater(this Tensor left, Tensor right) => left.Graph.Apply("Greater", left, right);

    /// <summary>Exponentials along an axis over their sum.</summary>
    public static Tensor Softmax(this Tensor value, int axis = -1) => value.Graph.Apply("Softmax", [Attributes.Integer("axis", axis)], value);

    public static Tensor LogSoftmax(this Tensor value, int axis = -1) =>
        value.Graph.Apply("LogSoftmax", [Attributes.Integer("axis", axis)], value);

    /// <summary>Normalises the last axis to mean 0 and variance 1, then scales and shifts it (Ba et al. 2016).</summary>
    /// <param name="scale">[d].</param>
    /// <param name="shift">[d].</param>
    public static Tensor LayerNormalization(this Tensor value, Tensor scale, Tensor shift, float epsilon = 1e-5f) =>
        value.Graph.Apply("LayerNormalization", [Attributes.Integer("axis", -1), Attributes.Number("epsilon", epsilon)], value, scale, shift);

    /// <summary>Product of matrices, or of stacks of them with broadcasting.</summary>
    public static Tensor MatMul(this Tensor left, Tensor right) => left.Graph.Apply("MatMul", left, right);

    /// <summary>A' B' + c of matrices, either turned first.</summary>
    public static Tensor Gemm(this Tensor left, Tensor right, Tensor? added = null, bool transLeft = false, bool transRight = false)
    {
        List<Format.AttributeProto> attributes = [];
        if (transLeft)
        {
            attributes.Add(Attributes.Integer("transA", 1));
        }

        if (transRight)
        {
            attributes.Add(Attributes.Integer("transB", 1));
        }

        return added is null ? left.Graph.Apply("Gemm", attributes, left, right) : left.Graph.Apply("Gemm", attributes, left, right, added);
    }

    /// <summary>Sum along axes; all of them if none is named.</summary>
    public static Tensor ReduceSum(this Tensor value, ReadOnlySpan<long> axes = default, bool keepDimensions = false)
    {
        var keep = Attributes.Integer("keepdims", keepDimensions ? 1 : 0);
        return axes.IsEmpty ? value.Graph.Apply("ReduceSum", [keep], value) : value.Graph.Apply("ReduceSum", [keep], value, value.Graph.Constant(axes));
    }

    /// <summary>Mean along axes; over all elements if none is named.</summary>
    public static Tensor ReduceMean(this Tensor value, ReadOnlySpan<long> axes = default, bool keepDimensions = false)
    {
        var keep = Attributes.Integer("keepdims", keepDimensions ? 1 : 0);
        return axes.IsEmpty
            ? value.Graph.Apply("ReduceMean", [keep], value)
            : value.Graph.Apply("ReduceMean", [keep, Attributes.Integers("axes", axes.ToArray())], value);
    }

    /// <summary>The same elements in another shape; -1 stands for what is left, 0 for the input's dimension at that place.</summary>
    public static Tensor Reshape(this Tensor value, params ReadOnlySpan<long> shape) => value.Graph.Apply("Reshape", value, value.Graph.Constant(shape));

    /// <summary>Leaves out dimensions of size 1.</summary>
    public static Tensor Squeeze(this Tensor value, params ReadOnlySpan<long> axes) => value.Graph.Apply("Squeeze", value, value.Graph.Constant(axes));

    /// <summary>Puts in dimensions of size 1, at these places of the result.</summary>
    public static Tensor Unsqueeze(this Tensor value, params ReadOnlySpan<long> axes) => value.Graph.Apply("Unsqueeze", value, value.Graph.Constant(axes));

    /// <summary>Dimension i of the result is dimension order[i] of the input.</summary>
    public static Tensor Transpose(this Tensor value, params ReadOnlySpan<int> order)
    {
        var axes = new long[order.Length];
        var isInOrder = order.Length == value.Rank;
        for (var axis = 0; axis < axes.Length; axis++)
        {
            axes[axis] = order[axis];
            isInOrder &= order[axis] == axis;
        }

        // Not a node that does nothing: ONNX Runtime 1.29 folds a Transpose behind a Gemm into it as if it turned the matrix.
        return isInOrder ? value : value.Graph.Apply("Transpose", [Attributes.Integers("perm", axes)], value);
    }

    /// <summary>Values one after another along an axis.</summary>
    public static Tensor Concat(this GraphBuilder graph, int axis, params ReadOnlySpan<Tensor> values) =>
        values.Length == 1 ? values[0] : graph.Apply("Concat", [Attributes.Integer("axis", axis)], values!);

    /// <summary>Cuts an axis into parts of these sizes.</summary>
    public static Tensor[] Split(this Tensor value, int axis, ReadOnlySpan<long> sizes) =>
        value.Graph.Apply("Split", [Attributes.Integer("axis", axis)], sizes.Length, value, value.Graph.Constant(sizes));

    /// <summary>Elements from <paramref name="start"/> to before <paramref name="end"/> of an axis of fixed size; negative ones count from the end.</summary>
    public static Tensor Slice(this Tensor value, int axis, long start, long end) => value.Graph.Apply(
        "Slice", value, value.Graph.Constant(start), value.Graph.Constant(end), value.Graph.Constant((long)axis));

    /// <summary>What lies at these places of an axis: <c>[.., indices' shape, ..]</c>.</summary>
    /// <param name="indices">Integers from 0 to the size of the axis.</param>
    public static Tensor Gather(this Tensor value, Tensor indices, int axis = 0) =>
        value.Graph.Apply("Gather", [Attributes.Integer("axis", axis)], value, indices);

    /// <summary>The same value, which no gradient passes: Pantheon Eq. 6.</summary>
    public static Tensor StopGradient(this Tensor value) => value.Graph.Stop(value);

    /// <summary>
    /// x W + b over the last axis: Gemm on the rows, which ONNX Runtime multiplies at its best rate.
    /// </summary>
    /// <param name="value">[.., n].</param>
    /// <param name="weight">[n, m].</param>
    /// <param name="bias">[m], or none.</param>
    public static Tensor Linear(this Tensor value, Tensor weight, Tensor? bias)
    {
        if (value.Rank == 2)
        {
            return value.Gemm(weight, bias);
        }

        var rows = value.Reshape([-1, value.Size(-1)]).Gemm(weight, bias);
        return rows.ReshapeTo([.. value.Shape.SkipLast(1), weight.Shape[1]]);
    }

    /// <summary>
    /// Binary cross-entropy from logits, element by element: softplus(z) - z y, which is -(y log s + (1-y) log(1-s)) for s = sigmoid(z)
    /// without the logarithm of a rounded 0. The sign is that of the definition; Pantheon Eq. 2 and 8 print the wrong one.
    /// </summary>
    /// <param name="logits">z.</param>
    /// <param name="labels">y in [0, 1], of the same shape.</param>
    public static Tensor BinaryCrossEntropy(this Tensor logits, Tensor labels) => logits.Softplus() - logits * labels;

    internal static Tensor SwapLast(this Tensor value)
    {
        int[] order = [.. Enumerable.Range(0, value.Rank - 2), value.Rank - 1, value.Rank - 2];
        return value.Transpose(order);
    }

    /// <summary>The elements in a shape that is known to hold them, with its symbols.</summary>
    internal static Tensor ReshapeTo(this Tensor value, IReadOnlyList<Dimension> shape)
    {
        // With one open dimension at most, the shape is a constant.
        long[] sizes = [.. shape.Select(size => size.Value ?? -1)];
        if (sizes.Length > 0 && Array.TrueForAll(sizes, static size => size > 0))
        {
            // The first is left to the run, so that a graph of one user still is one of many where that input's dimension is opened.
            sizes[0] = -1;
        }

        return sizes.Count(size => size < 0) <= 1
            ? value.Graph.Retype(value.Reshape(sizes), shape)
            : throw new GraphBuildException($"[{string.Join(',', shape)}] has several open dimensions; expected one");
    }

    internal static Tensor ReshapeLike(this Tensor value, Tensor other) => other.Shape.Count(size => size.Value is null) <= 1
        ? value.ReshapeTo(other.Shape)
        : value.Graph.Apply("Reshape", value, value.Graph.ShapeOf(other));

    internal static Tensor ExpandLike(this Tensor value, Tensor other) =>
        other.Shape.All(size => size.Value is not null)
            ? value.Graph.Apply("Expand", value, value.Graph.Constant([.. other.Shape.Select(size => size.Value!.Value)]))
            : value.Graph.Apply("Expand", value, value.Graph.ShapeOf(other));

    internal static Tensor ZerosLike(this GraphBuilder graph, Tensor other) => graph.Apply("ConstantOfShape", graph.ShapeOf(other));
}

using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Building;

/// <summary>Random chains of operators: what the builder takes ONNX Runtime takes too, and every shape is the one that a run finds.</summary>
public sealed class ShapePropertyTests
{
    private const int Operators = 25;

    // One number that no fixed size is, so that a symbol is not right by chance.
    private const int Open = 7;

    [Theory]
    [MemberData(nameof(Seeds))]
    public void Shape_OfARandomChain_IsWhatARunFinds(int seed)
    {
        var random = new Random(seed);
        var graph = new GraphBuilder();
        List<Tensor> pool =
        [
            graph.Input("a", OnnxElementType.Float, "n", 4), graph.Input("b", OnnxElementType.Float, "n", 2, 3), graph.Input("c", OnnxElementType.Float, 4, 3),
            graph.Input("d", OnnxElementType.Float, 2, 3, 4), graph.Input("e", OnnxElementType.Float, 1, 4), graph.Input("f", OnnxElementType.Float, 4),
        ];
        var (made, refused) = (0, 0);
        while (made < Operators)
        {
            try
            {
                foreach (var tensor in Next(random, graph, pool))
                {
                    if (tensor.Rank <= 4)
                    {
                        pool.Add(tensor);
                    }
                }

                made++;
            }
            catch (GraphBuildException)
            {
                refused++;
                Assert.True(refused < 100 * Operators, "nothing fits");
            }
        }

        var outputs = pool.Skip(6).ToArray();
        for (var index = 0; index < outputs.Length; index++)
        {
            graph.Output($"out{index}", outputs[index]);
        }

        using var trial = GraphTrial.Load(graph.Build());
        var results = trial.Run(Feed(graph), [.. Enumerable.Range(0, outputs.Length).Select(index => $"out{index}")]);
        foreach (var (tensor, result) in outputs.Zip(results))
        {
            Assert.True(
                tensor.Rank == result.Shape.Length && tensor.Shape.Zip(result.Shape).All(pair => pair.First == default || SizeOf(pair.First) == pair.Second),
                $"{tensor} is [{string.Join(',', result.Shape)}] in a run with n = {Open}");
        }
    }

    public static TheoryData<int> Seeds() => [.. Enumerable.Range(1, 40)];

    // "n*6" is what reshaping makes of n and 6.
    private static long SizeOf(Dimension size) => size.Value
        ?? size.Symbol!.Split('*').Aggregate(1L, (product, factor) => product * (factor == "n" ? Open : long.Parse(factor, System.Globalization.CultureInfo.InvariantCulture)));

    private static Dictionary<string, TensorValue> Feed(GraphBuilder graph) => graph.Build().Inputs.ToDictionary(
        input => input.Name,
        input =>
        {
            long[] shape = [.. input.Shape!.Select(SizeOf)];
            return TensorValue.Of([.. Enumerable.Range(0, (int)shape.Aggregate(1L, (a, b) => a * b)).Select(index => (index % 5) - 1.5f)], shape);
        });

    private static Tensor[] Next(Random random, GraphBuilder graph, List<Tensor> pool)
    {
        var (x, y) = (pool[random.Next(pool.Count)], pool[random.Next(pool.Count)]);
        int Axis() => random.Next(-x.Rank, x.Rank + 1);
        long Size(int axis) => x.Shape[axis < 0 ? axis + x.Rank : Math.Min(axis, x.Rank - 1)].Value ?? Open;
        if (x.Rank == 0)
        {
            return [x.Unsqueeze(0)];
        }

        switch (random.Next(22))
        {
            case 0: return [MayMeet(x, y, () => x + y)];
            case 1: return [MayMeet(x, y, () => x * y)];
            case 2: return [MayMeet(x, y, () => x.Max(y))];
            case 3: return [MayMeet(x, y, () => x.IsGreater(y).Where(x, y))];
            case 4: return [(-x).Abs().Sqrt()];
            case 5: return [x.Softmax(Axis())];
            case 6: return [x.Clip(-1, 1).Sigmoid()];
            case 7: return [x.ReduceSum([Axis()], random.Next(2) == 0)];
            case 8: return [x.ReduceMean([Axis()], random.Next(2) == 0)];
            case 9: return [random.Next(4) == 0 ? x.ReduceSum().Unsqueeze(0) : x.ReduceMean([0, -1], keepDimensions: true)];
            case 10: return [x.Unsqueeze(Axis())];
            case 11: return [OnlyIf(Size(Axis()) == 1, () => x.Squeeze([.. Enumerable.Range(0, x.Rank).Where(axis => x.Shape[axis].Value == 1).Select(axis => (long)axis)]))];
            case 12: return [x.Transpose(Shuffled(random, x.Rank))];
            case 13: return [graph.Concat(Axis(), x, x)];
            case 14: return [OnlyIf(x.Shape.Where((_, axis) => axis != 1).SequenceEqual(y.Shape.Where((_, axis) => axis != 1)) && x.Shape[0] != default, () => graph.Concat(1, x, y))];
            case 15: return x.Size(-1) > 1 ? x.Split(-1, [1, x.Size(-1) - 1]) : [-x];
            case 16: return [x.Slice(Axis(), random.Next(2), -random.Next(2) is 0 ? 100 : -1)];
            case 17: return [x.Gather(graph.Constant(0, Math.Max(0, Size(0) - 1), 0), axis: 0)];
            case 18: return [x.Reshape(0, -1), x.Reshape(-1, x.Size(-1), 1), x.Reshape(-1)];
            case 19: return [SameStack(x, y) ? x.MatMul(y) : x.Linear(graph.Parameter($"w{pool.Count}_{random.Next()}", (int)x.Size(-1), 3), null)];
            case 20: return [x.Rank == 2 && y.Rank == 2 && x.Shape[1] == y.Shape[1] ? x.Gemm(y, transRight: true) : x.Reshape(-1)];
            default: return [x.LayerNormalization(graph.Constant(new float[x.Size(-1)], (int)x.Size(-1)), graph.Constant(new float[x.Size(-1)], (int)x.Size(-1)))];
        }
    }

    // A symbol and a number may meet or not: only a run tells, so such pairs are left out.
    private static Tensor MayMeet(Tensor x, Tensor y, Func<Tensor> make)
    {
        for (var back = 1; back <= Math.Min(x.Rank, y.Rank); back++)
        {
            var (a, b) = (x.Shape[^back], y.Shape[^back]);
            if ((a != b || a == default) && a.Value != 1 && b.Value != 1 && (a.Value is null || b.Value is null))
            {
                throw new GraphBuildException("only a run tells");
            }
        }

        return make();
    }

    private static Tensor OnlyIf(bool condition, Func<Tensor> make) => condition ? make() : throw new GraphBuildException("only a run tells");

    private static bool SameStack(Tensor x, Tensor y) => x.Rank == y.Rank && x.Rank >= 2 && x.Shape[^1] == y.Shape[^2] && x.Shape.SkipLast(2).SequenceEqual(y.Shape.SkipLast(2));

    private static int[] Shuffled(Random random, int rank)
    {
        int[] order = [.. Enumerable.Range(0, rank)];
        random.Shuffle(order);
        return order;
    }
}

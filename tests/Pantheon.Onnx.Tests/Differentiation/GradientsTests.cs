using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Onnx.Tests.Differentiation;

public sealed class GradientsTests
{
    public static TheoryData<string, bool> Cases()
    {
        var data = new TheoryData<string, bool>();
        foreach (var name in GradientCases.All.Keys)
        {
            data.Add(name, false);
            data.Add(name, true);
        }

        return data;
    }

    [Theory]
    [MemberData(nameof(Cases))]
    public void Of_EveryRule_AgreesWithFiniteDifferences(string name, bool openBatch)
    {
        var gradientCase = GradientCases.All[name];
        using var run = new GradientRun(gradientCase, openBatch && GradientCases.CanBeOpen(name));
        var random = new Random(name.Length);
        var inputs = gradientCase.Shapes.Select(shape => Values(random, shape.Aggregate(1, (a, b) => a * b), gradientCase)).ToArray();
        var (y, shape) = run.Forward(inputs);
        var weights = y.Select(_ => random.NextSingle() + 0.5f).ToArray();

        var gradients = run.Gradient(inputs, weights, shape);

        const float Step = 1f / 64;
        // What a stopped input does to the value is no part of the gradient: those cases are PyTorch's to judge.
        if (name is "stop_gradient" or "binary_cross_entropy")
        {
            return;
        }

        for (var input = 0; input < inputs.Length; input++)
        {
            for (var element = 0; element < inputs[input].Length; element++)
            {
                double At(float by)
                {
                    var before = inputs[input][element];
                    inputs[input][element] = before + by;
                    var loss = run.Loss(inputs, weights);
                    inputs[input][element] = before;
                    return loss;
                }

                // Fourth order, so that a step that is large enough for float is small enough for the curvature.
                var expected = ((8 * (At(Step / 2) - At(-Step / 2))) - (At(Step) - At(-Step))) / (6 * Step);
                Assert.True(
                    Math.Abs(expected - gradients[input][element]) <= 5e-4 * (1 + Math.Abs(expected)),
                    $"{name}: d/dx{input}[{element}] is {gradients[input][element]}; finite differences say {expected}");
            }
        }
    }

    [Fact]
    public void Of_EveryCase_IsAFileThatTheCheckerAccepts()
    {
        using var folder = new TemporaryFolder();
        var paths = new List<string>();
        foreach (var (name, gradientCase) in GradientCases.All)
        {
            using var run = new GradientRun(gradientCase, GradientCases.CanBeOpen(name));
            paths.Add(folder.PathOf($"{name}.onnx"));
            run.Model().Model.Save(paths[^1]);
        }

        ForeignPython.CheckModels("check", [.. paths]);
    }

    [Fact]
    public void Of_TableReadTwice_GivesTheRowsOfEachReading()
    {
        var graph = new GraphBuilder();
        var table = graph.Parameter("table", 5, 2);
        var first = graph.Input("first", OnnxElementType.Int64, "batch");
        var history = graph.Input("history", OnnxElementType.Int64, "batch", 3);
        var sum = table.Gather(first) * 2f + table.Gather(history).ReduceSum([1]);

        var gradient = Gradients.Of(graph.Output("loss", sum.ReduceSum()), [table], new HashSet<Tensor> { table })[0];

        Assert.Null(gradient.Dense);
        Assert.Equal(2, gradient.Rows.Count);
        for (var index = 0; index < 2; index++)
        {
            graph.Output($"rows{index}", gradient.Rows[index].Ids.Cast(OnnxElementType.Float));
            graph.Output($"values{index}", gradient.Rows[index].Values);
        }

        using var trial = GraphTrial.Load(graph.Build());
        var results = trial.Run(
            new Dictionary<string, TensorValue>
            {
                ["table"] = TensorValue.Of(new float[10], [5, 2]),
                ["first"] = TensorValue.Of([4L, 1], [2]),
                ["history"] = TensorValue.Of([0L, 4, 4, 2, 2, 1], [2, 3]),
            },
            ["rows0", "values0", "rows1", "values1"]);
        // The later reading comes first on the way back.
        Assert.Equal([0, 4, 4, 2, 2, 1], results[0].Floats!);
        Assert.Equal(Enumerable.Repeat(1f, 12), results[1].Floats!);
        Assert.Equal([4, 1], results[2].Floats!);
        Assert.Equal(Enumerable.Repeat(2f, 4), results[3].Floats!);
    }

    [Fact]
    public void Of_TableUsedOtherwise_IsRefusedByName()
    {
        var graph = new GraphBuilder();
        var table = graph.Parameter("table", 5, 2);

        var error = Assert.Throws<GraphBuildException>(() => Gradients.Of((table * 2f).ReduceSum(), [table], new HashSet<Tensor> { table }));

        Assert.Contains("Mul (node 'Mul_0'): the table 'table'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_OperatorWithoutARule_IsRefusedByName()
    {
        var graph = GraphBuilder.From(Fixture.Load("ids-one-hot.onnx"));
        var made = graph.Retype(graph["y"], []);

        var error = Assert.Throws<GraphBuildException>(() => Gradients.Of(made, graph.Constant(1f), [graph["values"]]));

        Assert.Contains("OneHot", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Of_LossThatIsNoScalar_IsRefused()
    {
        var graph = new GraphBuilder();
        var x = graph.Input("x", OnnxElementType.Float, 3);

        var error = Assert.Throws<GraphBuildException>(() => Gradients.Of(x.Exp(), [x]));

        Assert.Contains("[3]; expected Float with one element", error.Message, StringComparison.Ordinal);
    }

    private static float[] Values(Random random, int count, GradientCase gradientCase)
    {
        var values = new float[count];
        for (var index = 0; index < count; index++)
        {
            var value = random.NextSingle() + 0.5f;
            values[index] = gradientCase.Positive || random.Next(2) == 0 ? value : -value;
        }

        if (!gradientCase.Smooth)
        {
            // Distinct values, further apart than the step, none near 0 or another kink.
            for (var index = 0; index < count; index++)
            {
                values[index] = MathF.Sign(values[index]) * (0.1f + (0.07f * ((index * 7) % count) / Math.Max(1, count / 12f)) + (0.03f * random.Next(2)));
            }
        }

        return values;
    }
}

using System.Text.Json;

namespace Pantheon.Onnx.Tests.Differentiation;

/// <summary>Values and gradients against PyTorch 1.13 in double; python/make_gradients.py wrote them.</summary>
public sealed class PyTorchGradientsTests
{
    private static readonly TorchPoint[] s_points = JsonSerializer.Deserialize<TorchPoint[]>(
        File.ReadAllText(Fixture.PathOf("gradients.json")), JsonSerializerOptions.Web)!;

    public static TheoryData<string, string> Points()
    {
        var data = new TheoryData<string, string>();
        foreach (var point in s_points)
        {
            data.Add(point.Case, point.At);
        }

        return data;
    }

    [Fact]
    public void Cases_EachOne_HasATwinInPyTorch() => Assert.Equal(
        GradientCases.All.Keys.Order(StringComparer.Ordinal), s_points.Where(point => point.At == "random").Select(point => point.Case).Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(Points))]
    public void Of_EveryRule_AgreesWithPyTorch(string name, string at)
    {
        var point = s_points.Single(point => point.Case == name && point.At == at);
        Assert.Equal(point.Shapes, GradientCases.All[name].Shapes);
        using var run = new GradientRun(GradientCases.All[name], openBatch: GradientCases.CanBeOpen(name));
        float[][] inputs = [.. point.Inputs.Select(Singles)];

        var (y, shape) = run.Forward(inputs);
        var gradients = run.Gradient(inputs, Singles(point.Weights), point.Shape);

        Assert.Equal(point.Shape, shape);
        AssertClose(point.Y, y, $"{name} at {at}");
        for (var input = 0; input < inputs.Length; input++)
        {
            AssertClose(point.Gradients[input], gradients[input], $"{name} at {at}, gradient of x{input}");
        }
    }

    private static void AssertClose(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        // Where terms cancel, what is left has the error of the terms: of the largest element, and of the loss's weights, which are about 1.
        var largest = expected.Max(Math.Abs);
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.True(
                Math.Abs(expected[index] - actual[index]) <= (1e-5 * Math.Abs(expected[index])) + (1e-6 * largest) + 1e-7,
                $"{what}, element {index}: {actual[index]}; PyTorch says {expected[index]}");
        }
    }

    private static float[] Singles(double[] values) => [.. values.Select(value => (float)value)];

    private sealed record TorchPoint(
        string Case, string At, int[][] Shapes, double[][] Inputs, long[] Shape, double[] Weights, double[] Y, double[][] Gradients);
}

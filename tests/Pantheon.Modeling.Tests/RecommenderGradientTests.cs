using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

/// <summary>Whole networks against their PyTorch twins: predictions, losses, and the gradient of every parameter.</summary>
public sealed class RecommenderGradientTests
{
    private static readonly RecommenderGolden s_golden = RecommenderGolden.Instance;

    [Fact]
    public void Variants_EachOne_HasATwinInPyTorch() =>
        Assert.Equal(SmallModel.All.Keys.Order(StringComparer.Ordinal), s_golden.Variants.Keys.Order(StringComparer.Ordinal));

    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Gradients_OfAllParameters_AgreeWithPyTorch(string variant)
    {
        var golden = s_golden.Variants[variant];
        var (model, specs, gradients) = Build(SmallModel.All[variant]);
        Assert.Equal(
            golden.Parameters.Select(entry => $"{entry.Key} [{string.Join(',', entry.Value.Shape)}] {golden.Tables.Contains(entry.Key)}").Order(StringComparer.Ordinal),
            specs.Select(spec => $"{spec.Name} [{string.Join(',', spec.Shape)}] {spec.IsTable}").Order(StringComparer.Ordinal));
        var feed = Feed(golden);
        var ids = s_golden.Batches[0];
        string[] names = [.. gradients.Select(gradient => gradient.Output)];

        using var trial = GraphTrial.Load(model);
        var read = model.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var results = trial.Run(feed.Where(entry => read.Contains(entry.Key)).ToDictionary(), ["pxtr", "score", "ranking", "fused", .. names]);

        AssertClose(golden.Pxtrs, results[0].Floats!, "Pxtrs");
        AssertClose(golden.Scores, results[1].Floats!, "scores");
        AssertClose(golden.Losses[0], [results[2].Floats![0], results[3].Floats![0]], "losses");
        foreach (var spec in specs)
        {
            var sum = new float[spec.Length];
            var found = false;
            foreach (var (gradient, result) in gradients.Zip(results.Skip(4)).Where(pair => pair.First.Parameter == spec.Name))
            {
                found = true;
                Accumulate(sum, result.Floats!, gradient.Ids is null ? null : ids[gradient.Ids], spec.Shape[^1]);
            }

            var expected = golden.Parameters[spec.Name].Gradient;
            // A table that nothing reads has no gradient here and a gradient of no rows there.
            Assert.True(found || expected.All(value => value == 0), $"{spec.Name} has no gradient");
            AssertClose(expected, sum, spec.Name);
        }
    }

    private static void Accumulate(float[] sum, float[] values, double[]? rows, int width)
    {
        for (var index = 0; index < values.Length; index++)
        {
            sum[rows is null ? index : ((int)rows[index / width] * width) + (index % width)] += values[index];
        }
    }

    private static (OnnxModel Model, IReadOnlyList<ParameterSpec> Specs, List<(string Parameter, string Output, string? Ids)> Gradients) Build(RecommenderOptions options)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, FeatureInputs.ForRows(graph, SmallModel.Schema), options, SmallModel.Priors);
        var labels = graph.Input("labels", OnnxElementType.Float, "batch", SmallModel.Schema.Objectives.Count);
        var rows = graph.Input("rows", OnnxElementType.Float, "batch");
        var ranking = graph.Output("ranking", ObjectiveLosses.Ranking(outputs.Ranking.Logits, labels, rows));
        var fused = graph.Output("fused", ObjectiveLosses.Fused(outputs.HeadLogits[0], labels, graph.Input("weights", OnnxElementType.Float, 3), rows));
        graph.Output("pxtr", outputs.Ranking.Pxtrs);
        graph.Output("score", outputs.HeadLogits[0].Sigmoid());
        var tables = graph.Parameters.Where(parameter => parameters.Specs.Any(spec => spec.IsTable && spec.Name == parameter.Name)).ToHashSet();
        var made = new List<(string, string, string?)>();
        foreach (var gradient in Gradients.Of(ranking + fused, graph.Parameters, tables))
        {
            var name = gradient.Parameter.Name;
            if (gradient.Dense is not null)
            {
                made.Add((name, graph.Output($"d/{name}", gradient.Dense).Name, null));
            }

            for (var place = 0; place < gradient.Rows.Count; place++)
            {
                made.Add((name, graph.Output($"d/{name}/{place}", gradient.Rows[place].Values).Name, gradient.Rows[place].Ids.Name));
            }
        }

        return (graph.Build(), parameters.Specs, made);
    }

    private static Dictionary<string, TensorValue> Feed(GoldenVariant golden)
    {
        const int Rows = RecommenderGolden.Rows;
        var feed = golden.Parameters.ToDictionary(
            entry => entry.Key, entry => TensorValue.Of(entry.Value.Values, [.. entry.Value.Shape.Select(size => (long)size)]));
        var batch = s_golden.Batches[0];
        foreach (var feature in SmallModel.Schema.Features)
        {
            long width = batch[feature.Name].Length / Rows;
            feed[feature.Name] = feature switch
            {
                IdFeature => TensorValue.Of(Integers(batch[feature.Name]), [Rows]),
                HistoryFeature => TensorValue.Of(Integers(batch[feature.Name]), [Rows, width]),
                _ => TensorValue.Of(Floats(batch[feature.Name]), [Rows, width]),
            };
        }

        feed["labels"] = TensorValue.Of(Floats(batch["labels"]), [Rows, 3]);
        feed["rows"] = TensorValue.Of([.. Enumerable.Repeat(1f, Rows)], [Rows]);
        feed["weights"] = TensorValue.Of(Floats(s_golden.Weights), [3]);
        return feed;
    }

    private static long[] Integers(double[] values) => [.. values.Select(value => (long)value)];

    private static float[] Floats(double[] values) => [.. values.Select(value => (float)value)];

    private static void AssertClose(double[] expected, float[] actual, string what)
    {
        Assert.Equal(expected.Length, actual.Length);
        var largest = expected.Select(Math.Abs).Append(0.01).Max();
        for (var index = 0; index < expected.Length; index++)
        {
            Assert.True(
                Math.Abs(expected[index] - actual[index]) <= 1e-5 * largest, $"{what}, element {index}: {actual[index]}; PyTorch says {expected[index]}");
        }
    }
}

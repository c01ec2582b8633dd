using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Losses;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

/// <summary>The factorisation machines against their definition: every pair of variables, one by one.</summary>
public sealed class FactorizationMachineTests
{
    private const int Rows = 6;

    private static readonly RankingOptions s_options = new() { Sharing = Sharing.FactorizationMachine, EmbeddingWidth = 2, PriorStrength = 7 };

    // Histories that are full, that are not, and one of nothing.
    private static readonly Dictionary<string, TensorValue> s_feed = Feed();

    [Theory]
    [InlineData(32)]
    [InlineData(0)]
    public void Build_AnyRows_GivesTheSumOverAllPairs(int attentionWidth)
    {
        var options = s_options with { AttentionWidth = attentionWidth };
        var (model, specs) = Build(options, FeatureInputs.ForRows);
        var parameters = Parameters(specs);

        var logits = Run(model, parameters, s_feed, "logits")[0].Floats!;

        Assert.Equal(attentionWidth > 0, specs.Any(spec => spec.Name.Contains("recent_", StringComparison.Ordinal)));
        for (var row = 0; row < Rows; row++)
        {
            Assert.All(
                FactorizationMachineOracle.Logits(SmallModel.Schema, parameters, SmallModel.Priors, options, s_feed, row).Zip(logits.Skip(3 * row)),
                pair => Assert.Equal(pair.First, pair.Second, 2e-4 * Math.Max(1, Math.Abs(pair.First))));
        }
    }

    [Fact]
    public void Gradients_OfAllParameters_AreThoseOfTheSumOverAllPairs()
    {
        const double Step = 1e-4;
        var (model, specs) = Build(s_options, FeatureInputs.ForRows, WithGradients);
        var parameters = Parameters(specs);

        var gradients = Run(model, parameters, s_feed, [.. specs.Select(spec => $"d/{spec.Name}")]);

        foreach (var (spec, gradient) in specs.Zip(gradients))
        {
            var values = parameters[spec.Name];
            for (var index = 0; index < values.Length; index++)
            {
                var value = values[index];
                values[index] = value + Step;
                var above = Loss(parameters);
                values[index] = value - Step;
                var slope = (above - Loss(parameters)) / (2 * Step);
                values[index] = value;
                Assert.True(
                    Math.Abs(slope - gradient.Floats![index]) < 1e-3 * Math.Max(1, Math.Abs(slope)), $"{spec.Name}, element {index}: {gradient.Floats[index]}; the oracle says {slope}");
            }
        }
    }

    [Fact]
    public void Build_OneUserManyCandidates_GivesWhatRowsGive()
    {
        var (request, specs) = Build(s_options, FeatureInputs.ForRequests);
        var parameters = Parameters(specs);
        var candidates = SmallModel.Rows(FeatureSide.Candidate, Rows, seed: 4);
        var user = SmallModel.Rows(FeatureSide.User, 1, seed: 3);
        var tiled = user.ToDictionary(entry => entry.Key, entry => SmallModel.Tile(entry.Value, Rows));

        var served = Run(request, parameters, user.Concat(candidates).ToDictionary(), "logits")[0];
        var scored = Run(Build(s_options, FeatureInputs.ForRows).Model, parameters, tiled.Concat(candidates).ToDictionary(), "logits")[0];

        Assert.Equal([Rows, 3], served.Shape);
        Assert.All(served.Floats!.Zip(scored.Floats!), pair => Assert.Equal(pair.Second, pair.First, 1e-4f));
        Assert.True(scored.Floats!.Distinct().Count() > 3, "every candidate has the same scores");
    }

    private static Dictionary<string, TensorValue> Feed()
    {
        var feed = SmallModel.Rows(FeatureSide.User, Rows, seed: 1).Concat(SmallModel.Rows(FeatureSide.Candidate, Rows, seed: 2)).ToDictionary();
        foreach (var history in SmallModel.Schema.Features.OfType<HistoryFeature>())
        {
            var places = feed[history.Name].Int64s!.AsSpan();
            places[..SmallModel.Places].Clear();
            places[(2 * SmallModel.Places) - 1] = 0;
        }

        feed["labels"] = TensorValue.Of(Labels(), [Rows, 3]);
        feed["rows"] = TensorValue.Of([.. Enumerable.Repeat(1f, Rows)], [Rows]);
        return feed;
    }

    private static (OnnxModel Model, IReadOnlyList<ParameterSpec> Specs) Build(
        RankingOptions options, Func<GraphBuilder, FeatureSchema, FeatureInputs> declare, Action<Tensor>? more = null)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, declare(graph, SmallModel.Schema), new RecommenderOptions { Ranking = options, Heads = [] }, SmallModel.Priors);
        var logits = graph.Output("logits", outputs.Ranking.Logits);
        more?.Invoke(logits);
        return (graph.Build(), parameters.Specs);
    }

    private static void WithGradients(Tensor logits)
    {
        var graph = logits.Graph;
        var loss = ObjectiveLosses.Ranking(logits, graph.Input("labels", OnnxElementType.Float, "batch", 3), graph.Input("rows", OnnxElementType.Float, "batch"));
        foreach (var gradient in Gradients.Of(loss, graph.Parameters))
        {
            graph.Output($"d/{gradient.Parameter.Name}", gradient.Dense!);
        }
    }

    private static Dictionary<string, double[]> Parameters(IReadOnlyList<ParameterSpec> specs) =>
        specs.ToDictionary(spec => spec.Name, spec => SmallModel.Parameter(spec).Select(value => value / 2.0).ToArray());

    private static IReadOnlyList<TensorValue> Run(OnnxModel model, Dictionary<string, double[]> parameters, Dictionary<string, TensorValue> feed, params string[] outputs)
    {
        using var trial = GraphTrial.Load(model);
        var all = new Dictionary<string, TensorValue>(feed);
        foreach (var input in model.Inputs.Where(input => parameters.ContainsKey(input.Name)))
        {
            all[input.Name] = TensorValue.Of([.. parameters[input.Name].Select(value => (float)value)], [.. input.Shape!.Select(size => size.Value!.Value)]);
        }

        return trial.Run(all.Where(entry => model.Inputs.Any(input => input.Name == entry.Key)).ToDictionary(), outputs);
    }

    private static float[] Labels() => [.. Enumerable.Range(0, Rows * 3).Select(index => (float)(index * index % 5 % 2))];

    private static double Loss(Dictionary<string, double[]> parameters)
    {
        var labels = Labels();
        return Enumerable.Range(0, Rows).Average(row => FactorizationMachineOracle.Logits(SmallModel.Schema, parameters, SmallModel.Priors, s_options, s_feed, row)
            .Select((logit, objective) => Math.Log(1 + Math.Exp(logit)) - (logit * labels[(row * 3) + objective])).Sum());
    }
}

using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;
using Pantheon.Onnx.Tests;

namespace Pantheon.Modeling.Tests;

/// <summary>Sums of Pxtrs with weights personal to the user, against the same written out in plain C#.</summary>
public sealed class PersonalFusionTests
{
    private const int Candidates = 5;

    private static readonly RecommenderOptions s_alone = Options(PantheonEncoder.None);

    [Fact]
    public void Build_WithoutEncoder_IsTheSumWrittenOut()
    {
        var (pxtrs, logits, rates) = Run(s_alone, SmallModel.Parameter);
        var parameters = Specs(s_alone).ToDictionary(spec => spec.Name, SmallModel.Parameter, StringComparer.Ordinal);
        var (weight, bound, scale) = (parameters["pantheon/personal/weight"], parameters["pantheon/personal/bound"], parameters["pantheon/personal/scale"][0]);

        for (var candidate = 0; candidate < Candidates; candidate++)
        {
            var sum = 0.0;
            for (var objective = 0; objective < 3; objective++)
            {
                var rate = 1 / (1 + Math.Exp(-rates[objective]));
                sum += Math.Exp(5 * weight[objective]) * pxtrs[(candidate * 3) + objective] / (rate + (0.02 * Math.Exp(5 * bound[objective])));
            }

            Assert.Equal(scale * Math.Log(sum), logits[candidate], 1e-4);
        }
    }

    // Before anything is learned: every weight 1, every user at the mean rate, and the encoder silent.
    [Theory]
    [InlineData(PantheonEncoder.None)]
    [InlineData(PantheonEncoder.Mlp)]
    [InlineData(PantheonEncoder.Transformer)]
    public void Build_AtTheBeginning_IsTheSumOverMeanRates(PantheonEncoder encoder)
    {
        // What begins at zero is zero; the rates' own layers too, so that only the priors are left.
        var (pxtrs, logits, _) = Run(Options(encoder), spec => spec.Initialization switch
        {
            Initialization.Zeros => new float[spec.Length],
            Initialization.Ones => [.. Enumerable.Repeat(1f, spec.Length)],
            _ when spec.Name.Contains("rates", StringComparison.Ordinal) => new float[spec.Length],
            _ => SmallModel.Parameter(spec),
        });

        for (var candidate = 0; candidate < Candidates; candidate++)
        {
            var sum = SmallModel.Priors.Select((prior, objective) => pxtrs[(candidate * 3) + objective] / (prior + 0.02)).Sum();
            Assert.Equal(Math.Log(sum), logits[candidate], 1e-4);
        }
    }

    // The score reads the rates and does not teach them; their own loss does, and the ranking model hears of neither.
    [Fact]
    public void Gradients_OfScoreAndRates_StayApart()
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, FeatureInputs.ForRows(graph, SmallModel.Schema), s_alone, SmallModel.Priors);
        var labels = graph.Input("labels", OnnxElementType.Float, "batch", 3);
        var rows = graph.Input("rows", OnnxElementType.Float, "batch");
        var tables = graph.Parameters.Where(parameter => parameters.Specs.First(spec => spec.Name == parameter.Name).IsTable).ToHashSet();
        string[] Reached(Tensor loss) => [.. Gradients.Of(loss, graph.Parameters, tables)
            .Where(gradient => gradient.Dense is not null || gradient.Rows.Count > 0).Select(gradient => gradient.Parameter.Name).Order(StringComparer.Ordinal)];

        Assert.Equal(
            ["pantheon/personal/bound", "pantheon/personal/scale", "pantheon/personal/weight"], Reached(outputs.HeadLogits[0].ReduceSum()));
        Assert.All(Reached(ObjectiveLosses.Ranking(outputs.HeadRates[0]!, labels, rows)), name => Assert.StartsWith("pantheon/personal/rates/", name, StringComparison.Ordinal));
    }

    // What makes it ours: who follows often has less weight on follow than who hardly ever does.
    [Fact]
    public void Build_UserOfAHigherRate_WeighsThatObjectiveLess()
    {
        float Gain(float rateLogit)
        {
            var graph = new GraphBuilder();
            var parameters = new NetworkParameters(graph);
            var user = graph.Input("user", OnnxElementType.Float, 1, 1);
            var logits = graph.Input("logits", OnnxElementType.Float, "candidates", 2);
            graph.Output("score", PersonalFusion.Build(parameters, logits, user, [0.5f, 0.5f]).Logit);
            var specs = parameters.Specs.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
            using var trial = GraphTrial.Load(graph.Build(name => name switch
            {
                "personal/rates/out/bias" => [rateLogit, 0f],
                "personal/scale" => [1f],
                _ => new float[specs[name].Length],
            }));
            var scores = trial.Run(
                new Dictionary<string, TensorValue> { ["user"] = TensorValue.Of([0f], [1, 1]), ["logits"] = TensorValue.Of([0f, 0f, 1f, 0f], [2, 2]) }, ["score"])[0].Floats!;
            return scores[1] - scores[0];
        }

        Assert.True(Gain(-2) > Gain(0) && Gain(0) > Gain(2));
    }

    [Fact]
    public void Build_NothingKnownOfTheUser_IsRefused()
    {
        var graph = new GraphBuilder();
        var logits = graph.Input("logits", OnnxElementType.Float, "candidates", 2);

        Assert.Throws<ArgumentException>(() => PersonalFusion.Build(new NetworkParameters(graph), logits, null, [0.5f, 0.5f]));
    }

    private static RecommenderOptions Options(PantheonEncoder encoder)
    {
        var options = SmallModel.All["mmoe, hidden states, mlp"];
        return options with { Heads = [options.Heads[0] with { Network = options.Heads[0].Network with { Personal = true, Encoder = encoder } }] };
    }

    private static IReadOnlyList<ParameterSpec> Specs(RecommenderOptions options)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        Recommender.Build(parameters, FeatureInputs.ForRequests(graph, SmallModel.Schema), options, SmallModel.Priors);
        return parameters.Specs;
    }

    private static (float[] Pxtrs, float[] Logits, float[] Rates) Run(RecommenderOptions options, Func<ParameterSpec, float[]> values)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, FeatureInputs.ForRequests(graph, SmallModel.Schema), options, SmallModel.Priors);
        graph.Output("pxtr", outputs.Ranking.Pxtrs);
        graph.Output("logit", outputs.HeadLogits[0]);
        graph.Output("rates", outputs.HeadRates[0]!);
        var specs = parameters.Specs.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
        using var trial = GraphTrial.Load(graph.Build(name => values(specs[name])));
        var feed = SmallModel.Rows(FeatureSide.User, 1, seed: 3).Concat(SmallModel.Rows(FeatureSide.Candidate, Candidates, seed: 4)).ToDictionary();
        var results = trial.Run(feed, ["pxtr", "logit", "rates"]);
        return (results[0].Floats!, results[1].Floats!, results[2].Floats!);
    }
}

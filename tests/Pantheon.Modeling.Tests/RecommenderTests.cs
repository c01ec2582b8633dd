using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Sessions;
using Pantheon.Onnx.Tests;

namespace Pantheon.Modeling.Tests;

public sealed class RecommenderTests
{
    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Build_OneUserManyCandidates_GivesWhatRowsGive(string variant)
    {
        const int Candidates = 5;
        var options = SmallModel.All[variant];
        var model = SmallModel.Build(options, FeatureInputs.ForRequests);
        using var request = GraphTrial.Load(model);
        using var rows = GraphTrial.Load(SmallModel.Build(options, FeatureInputs.ForRows));
        var read = model.Inputs.Select(input => input.Name).ToHashSet();
        var user = SmallModel.Rows(FeatureSide.User, 1, seed: 3);
        var candidates = SmallModel.Rows(FeatureSide.Candidate, Candidates, seed: 4);
        var tiled = user.ToDictionary(entry => entry.Key, entry => SmallModel.Tile(entry.Value, Candidates));

        var served = request.Run(Read(user), ["pxtr", "logit"]);
        var scored = rows.Run(Read(tiled), ["pxtr", "logit"]);

        Assert.Equal([Candidates, 3], served[0].Shape);
        Assert.Equal([Candidates, 1], served[1].Shape);
        for (var output = 0; output < 2; output++)
        {
            Assert.All(served[output].Floats!.Zip(scored[output].Floats!), pair => Assert.Equal(pair.Second, pair.First, 1e-5f));
        }

        Assert.True(scored[1].Floats!.Distinct().Count() > 1, "every candidate has the same score");

        Dictionary<string, TensorValue> Read(Dictionary<string, TensorValue> user) =>
            Join(user, candidates).Where(entry => read.Contains(entry.Key)).ToDictionary();
    }

    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Build_ForRowsAndForRequests_AreTheSameNodes(string variant)
    {
        static IEnumerable<string> Nodes(Func<GraphBuilder, FeatureSchema, FeatureInputs> declare, RecommenderOptions options)
        {
            var graph = new GraphBuilder();
            Recommender.Build(new NetworkParameters(graph), declare(graph, SmallModel.Schema), options, SmallModel.Priors);
            return [.. graph.NodeTexts];
        }

        var options = SmallModel.All[variant];
        Assert.Equal(Nodes(FeatureInputs.ForRows, options), Nodes(FeatureInputs.ForRequests, options));
    }

    [Fact]
    public void Build_EveryVariant_IsAFileThatTheCheckerAccepts()
    {
        var folder = Directory.CreateTempSubdirectory("pantheon-modeling-");
        try
        {
            string[] paths = [.. SmallModel.All.Values.SelectMany((options, index) => new[] { (Func<GraphBuilder, FeatureSchema, FeatureInputs>)FeatureInputs.ForRows, FeatureInputs.ForRequests }
                .Select((declare, form) =>
                {
                    var path = Path.Combine(folder.FullName, $"{index}-{form}.onnx");
                    SmallModel.Build(options, declare).Save(path);
                    return path;
                }))];

            ForeignPython.CheckModels("check", paths);
        }
        finally
        {
            folder.Delete(recursive: true);
        }
    }

    // Pantheon Eq. 6: "enforces gradient isolation between the ranking model and Pantheon".
    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Build_GradientOfTheHead_StopsAtTheStates(string variant)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, FeatureInputs.ForRows(graph, SmallModel.Schema), SmallModel.All[variant], SmallModel.Priors);
        var tables = graph.Parameters.Where(parameter => parameters.Specs.First(spec => spec.Name == parameter.Name).IsTable).ToHashSet();

        var gradients = Gradients.Of(outputs.HeadLogits[0].ReduceSum(), graph.Parameters, tables);

        Assert.All(gradients, gradient => Assert.Equal(
            gradient.Parameter.Name.StartsWith("pantheon/", StringComparison.Ordinal), gradient.Dense is not null || gradient.Rows.Count > 0));
    }

    [Fact]
    public void Build_PlacesThatAreNotFilled_HaveNoPart()
    {
        using var trial = GraphTrial.Load(SmallModel.Build(SmallModel.All["mmoe, hidden states, mlp"], FeatureInputs.ForRequests));
        var feed = Join(SmallModel.Rows(FeatureSide.User, 1, seed: 3), SmallModel.Rows(FeatureSide.Candidate, 3, seed: 4));
        float[] Scores(long[] videos, long[] tags)
        {
            feed["recent_video_id"] = TensorValue.Of(videos, [1, SmallModel.Places]);
            feed["recent_tag"] = TensorValue.Of(tags, [1, SmallModel.Places]);
            return trial.Run(feed, ["logit"])[0].Floats!;
        }

        var scores = Scores([3, 2, 0, 0], [1, 2, 3, 4]);

        Assert.Equal(scores, Scores([3, 2, 0, 0], [1, 2, 4, 0]));
        Assert.NotEqual(scores, Scores([3, 2, 0, 0], [1, 3, 4, 0]));
        Assert.NotEqual(scores, Scores([3, 0, 0, 0], [1, 2, 3, 4]));
        Assert.All(Scores([0, 0, 0, 0], [0, 0, 0, 0]), score => Assert.True(float.IsFinite(score)));
    }

    private static Dictionary<string, TensorValue> Join(Dictionary<string, TensorValue> left, Dictionary<string, TensorValue> right) =>
        left.Concat(right).ToDictionary();
}

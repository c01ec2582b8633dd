using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Modeling.Tests;

/// <summary>A recommender of every kind of feature, small enough to run thousands of times, with random parameters.</summary>
internal static class SmallModel
{
    public const int Places = 4;

    public static readonly float[] Priors = [0.5f, 0.1f, 0.02f];

    public static readonly FeatureSchema Schema = new(
        ["is_click", "long_view", "is_like"],
        new Dictionary<string, int> { ["user_id"] = 7, ["video_id"] = 9, ["tag"] = 5, ["tab"] = 3, ["feedback"] = 9 },
        [
            new IdFeature("user_id", FeatureSide.User, "user_id"),
            new IdFeature("tab", FeatureSide.User, "tab"),
            new CountFeature("user_counts", FeatureSide.User),
            new DenseFeature("user_recency", FeatureSide.User, 2, DenseTransform.Log1p),
            new HistoryFeature("recent_video_id", "video_id", Places),
            new HistoryFeature("recent_tag", "tag", Places),
            new HistoryFeature("recent_feedback", "feedback", Places),
            new IdFeature("video_id", FeatureSide.Candidate, "video_id"),
            new IdFeature("tag", FeatureSide.Candidate, "tag"),
            new DenseFeature("video_shape", FeatureSide.Candidate, 2, DenseTransform.Log1p),
            new CountFeature("video_counts", FeatureSide.Candidate),
        ]);

    public static TheoryData<string> Variants => [.. All.Keys];

    public static IReadOnlyDictionary<string, RecommenderOptions> All { get; } = new Dictionary<string, RecommenderOptions>
    {
        ["mmoe, hidden states, mlp"] = Options(Sharing.MixtureOfExperts, PantheonInput.HiddenStates, PantheonEncoder.Mlp),
        ["mmoe, pxtrs, mlp"] = Options(Sharing.MixtureOfExperts, PantheonInput.Pxtrs, PantheonEncoder.Mlp),
        ["ple, hidden states, transformer"] = Options(Sharing.ProgressiveLayeredExtraction, PantheonInput.HiddenStates, PantheonEncoder.Transformer),
        ["mmoe, no history, no own embeddings"] = Options(Sharing.MixtureOfExperts, PantheonInput.HiddenStates, PantheonEncoder.Mlp, attention: 0, own: 0, cross: 0),
    };

    public static float[] Parameter(ParameterSpec spec)
    {
        var random = new Random(spec.Name.Length + spec.Length);
        return [.. Enumerable.Range(0, spec.Length).Select(_ => (random.NextSingle() - 0.5f) * 0.8f)];
    }

    /// <summary>The graph with its parameters inside, outputs pxtr [n, M] and logit [n, 1].</summary>
    public static OnnxModel Build(RecommenderOptions options, Func<GraphBuilder, FeatureSchema, FeatureInputs> declare)
    {
        var graph = new GraphBuilder();
        var parameters = new NetworkParameters(graph);
        var outputs = Recommender.Build(parameters, declare(graph, Schema), options, Priors);
        graph.Output("pxtr", outputs.Ranking.Pxtrs);
        graph.Output("logit", outputs.HeadLogits[0]);
        var specs = parameters.Specs.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
        return graph.Build(name => Parameter(specs[name]));
    }

    /// <summary>Some rows of every feature.</summary>
    public static Dictionary<string, TensorValue> Rows(FeatureSide side, int rows, int seed)
    {
        var random = new Random(seed);
        var feed = new Dictionary<string, TensorValue>();
        foreach (var feature in Schema.Features.Where(feature => feature.Side == side))
        {
            feed[feature.Name] = feature switch
            {
                IdFeature id => TensorValue.Of([.. Draw(rows, () => (long)random.Next(Schema.Tables[id.Table]))], [rows]),
                HistoryFeature history => TensorValue.Of([.. Draw(rows * Places, () => (long)random.Next(1, Schema.Tables[history.Table]))], [rows, Places]),
                DenseFeature dense => TensorValue.Of([.. Draw(rows * dense.Width, () => random.NextSingle() * 100)], [rows, dense.Width]),
                _ => TensorValue.Of([.. Enumerable.Range(0, rows).SelectMany(_ => new float[] { 20, random.Next(20), random.Next(9), random.Next(2) })], [rows, 4]),
            };
        }

        return feed;
    }

    /// <summary>The same row so many times.</summary>
    public static TensorValue Tile(TensorValue value, int times)
    {
        long[] shape = [times, .. value.Shape.Skip(1)];
        return value.Floats is { } floats
            ? TensorValue.Of([.. Enumerable.Repeat(floats, times).SelectMany(row => row)], shape)
            : TensorValue.Of([.. Enumerable.Repeat(value.Int64s!, times).SelectMany(row => row)], shape);
    }

    private static IEnumerable<T> Draw<T>(int count, Func<T> next) => Enumerable.Range(0, count).Select(_ => next());

    private static RecommenderOptions Options(Sharing sharing, PantheonInput input, PantheonEncoder encoder, int attention = 4, int own = 3, int cross = 4) => new()
    {
        Ranking = new RankingOptions { EmbeddingWidth = 3, Sharing = sharing, Experts = 2, ExpertLayers = [6, 5], TowerLayers = [4], AttentionWidth = attention, CrossWidth = cross },
        Heads = [new HeadOptions { Network = new PantheonOptions { Input = input, Encoder = encoder, EmbeddingWidth = own, Layers = [6, 5], TokenWidth = 8, Heads = 2 } }],
    };
}

using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling;

/// <summary>A ranking model and the Pantheon heads that read it.</summary>
public sealed record RecommenderOptions
{
    public RankingOptions Ranking { get; init; } = new();

    /// <summary>The heads, by unique name. The first one's score is the bundle's.</summary>
    public IReadOnlyList<HeadOptions> Heads { get; init; } = [new()];

    /// <summary>The id feature of the user, for the heads' own embeddings.</summary>
    public string UserFeature { get; init; } = "user_id";

    /// <summary>The id feature of the item.</summary>
    public string ItemFeature { get; init; } = "video_id";
}

/// <summary>One head and what it is trained for.</summary>
public sealed record HeadOptions
{
    /// <summary>Prefix of its parameters.</summary>
    public string Name { get; init; } = "pantheon";

    public PantheonOptions Network { get; init; } = new();

    /// <summary>What it is trained on.</summary>
    public HeadLoss Loss { get; init; } = HeadLoss.CrossEntropy;

    /// <summary>w of Eq. 8 by objective, positive; normalised to a sum of 1. Null: each objective's inverse rate, so that rare ones count.</summary>
    public IReadOnlyDictionary<string, double>? Weights { get; init; }
}

/// <summary>What a head is trained on.</summary>
public enum HeadLoss
{
    /// <summary>Cross-entropy with one soft label: Pantheon Eq. 8.</summary>
    CrossEntropy,

    /// <summary>Pairs of one user's rows, towards GAUC; needs rows in the order of users. Ours.</summary>
    Pairwise,
}

/// <summary>What a recommender gives.</summary>
/// <param name="Ranking">States, logits and Pxtrs.</param>
/// <param name="HeadLogits">Of each head, in order: [candidates, 1].</param>
/// <param name="HeadRates">Of each head with personal weights the log-odds of its users' rates: [users, M]; null of others.</param>
public sealed record RecommenderOutputs(RankingOutputs Ranking, IReadOnlyList<Tensor> HeadLogits, IReadOnlyList<Tensor?> HeadRates);

/// <summary>Ranking model and heads in one graph: Pantheon Figure 3(a).</summary>
public static class Recommender
{
    /// <summary>Appends the networks to a graph.</summary>
    /// <param name="parameters">Takes their parameters.</param>
    /// <param name="inputs">The features, for rows or for requests: the nodes are the same.</param>
    /// <param name="priors">Each objective's rate over the training rows, strictly between 0 and 1.</param>
    public static RecommenderOutputs Build(NetworkParameters parameters, FeatureInputs inputs, RecommenderOptions options, IReadOnlyList<float> priors)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        var ranking = RankingModel.Build(parameters, inputs, options.Ranking, priors);
        return Build(parameters, ranking, RowsOf(inputs, options.UserFeature), RowsOf(inputs, options.ItemFeature), options.Heads, priors);
    }

    /// <summary>Appends heads to a graph that has a ranking model, wherever that came from.</summary>
    /// <param name="parameters">Takes the heads' parameters.</param>
    /// <param name="ranking">What they read.</param>
    /// <param name="user">Rows of the user in the heads' own tables; null leaves the user out.</param>
    /// <param name="item">Rows of the item; null leaves it out.</param>
    /// <param name="priors">Each objective's rate over the training rows.</param>
    public static RecommenderOutputs Build(
        NetworkParameters parameters, RankingOutputs ranking, TableRows? user, TableRows? item, IReadOnlyList<HeadOptions> heads, IReadOnlyList<float> priors)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(heads);
        var built = heads.Select(head => PantheonHead.Build(
            parameters, head.Name, ranking.States, ranking.Logits, user, item, ranking.User, priors, head.Network)).ToList();
        return new RecommenderOutputs(ranking, [.. built.Select(head => head.Logit)], [.. built.Select(head => head.UserRates)]);
    }

    private static TableRows? RowsOf(FeatureInputs inputs, string name) =>
        inputs.Schema.Features.OfType<IdFeature>().FirstOrDefault(feature => feature.Name == name) is { } feature
            ? new TableRows(inputs[feature], inputs.Schema.Tables[feature.Table])
            : null;
}

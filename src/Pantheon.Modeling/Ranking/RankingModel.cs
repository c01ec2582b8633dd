using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Ranking;

/// <summary>What a ranking model gives.</summary>
/// <param name="States">t of Pantheon Eq. 1, one per objective: [candidates, d].</param>
/// <param name="Logits">[candidates, M], in the objectives' order.</param>
/// <param name="Pxtrs">Their sigmoids: the predicted probability of each objective.</param>
/// <param name="User">What it knows of the user alone: [users, a]; null if it keeps no such thing.</param>
public sealed record RankingOutputs(IReadOnlyList<Tensor> States, Tensor Logits, Tensor Pxtrs, Tensor? User = null);

/// <summary>
/// The multi-task ranking model of Pantheon section 2.1, Eq. 1: experts over all features, a gate, a tower and a sigmoid head for each
/// objective.
/// </summary>
public static class RankingModel
{
    /// <summary>Appends the network to a graph.</summary>
    /// <param name="parameters">Takes its parameters.</param>
    /// <param name="inputs">The features, for rows or for requests: the nodes are the same.</param>
    /// <param name="priors">Each objective's rate over the training rows, strictly between 0 and 1.</param>
    public static RankingOutputs Build(NetworkParameters parameters, FeatureInputs inputs, RankingOptions options, IReadOnlyList<float> priors)
    {
        ArgumentNullException.ThrowIfNull(parameters);
        ArgumentNullException.ThrowIfNull(inputs);
        ArgumentNullException.ThrowIfNull(options);
        var graph = parameters.Graph;
        using var scope = graph.Scope("ranking");
        if (options.Sharing == Sharing.FactorizationMachine)
        {
            return FactorizationMachine.Build(parameters, inputs, options, priors);
        }

        var features = new FeatureEncoder(parameters, options, priors).Encode(inputs);
        var mixtures = options.Sharing == Sharing.MixtureOfExperts
            ? MixtureOfExperts(parameters, features, options, priors.Count)
            : ProgressiveLayeredExtraction(parameters, features, options, priors.Count);
        var states = mixtures.Select((mixture, objective) => parameters.Stack($"tower/{inputs.Schema.Objectives[objective]}", mixture, options.TowerLayers)).ToList();
        var logits = graph.Concat(1, [.. states.Select((state, objective) => Head(parameters, inputs.Schema.Objectives[objective], state, priors[objective]))]);
        return new RankingOutputs(states, logits, logits.Sigmoid(), features.User);
    }

    // Pred of Eq. 1: one layer and a sigmoid. The prior's log-odds are added, so that training begins at the mean rate.
    private static Tensor Head(NetworkParameters parameters, string objective, Tensor state, float prior) =>
        parameters.Linear($"head/{objective}", state, 1) + MathF.Log(prior / (1 - prior));

    // e^m = sum_k softmax(G_m v)_k expert_k(v): Ma et al. 2018, Eq. 6 and 7.
    private static Tensor[] MixtureOfExperts(NetworkParameters parameters, EncodedFeatures features, RankingOptions options, int objectives)
    {
        var graph = parameters.Graph;
        var experts = Experts(parameters, "experts", features, options.Experts, options.ExpertLayers);
        var gates = parameters.Linear("gates", features.User, features.Candidate, objectives * options.Experts)
            .Reshape(-1, objectives, options.Experts).Softmax();
        var mixed = gates.MatMul(graph.Concat(1, [.. experts.Select(expert => expert.Unsqueeze(1))]));
        return [.. mixed.Split(1, [.. Enumerable.Repeat(1L, objectives)]).Select(mixture => mixture.Squeeze(1))];
    }

    // The customised gate control of Tang et al. 2020, section 4.1: each objective mixes the shared experts with its own.
    private static Tensor[] ProgressiveLayeredExtraction(NetworkParameters parameters, EncodedFeatures features, RankingOptions options, int objectives)
    {
        var graph = parameters.Graph;
        var all = Experts(parameters, "experts", features, options.Experts + (objectives * options.OwnExperts), options.ExpertLayers);
        var seen = options.Experts + options.OwnExperts;
        var gates = parameters.Linear("gates", features.User, features.Candidate, objectives * seen).Split(1, [.. Enumerable.Repeat((long)seen, objectives)]);
        return [.. gates.Select((gate, objective) =>
        {
            var own = all.Skip(options.Experts + (objective * options.OwnExperts)).Take(options.OwnExperts);
            var stack = graph.Concat(1, [.. all.Take(options.Experts).Concat(own).Select(expert => expert.Unsqueeze(1))]);
            return gate.Softmax().Unsqueeze(1).MatMul(stack).Squeeze(1);
        })];
    }

    // The first layers of all experts are one product, and the user's part of it is computed once per request.
    private static Tensor[] Experts(NetworkParameters parameters, string name, EncodedFeatures features, int count, IReadOnlyList<int> layers)
    {
        var first = parameters.Linear(name, features.User, features.Candidate, count * layers[0]).Relu();
        return [.. first.Split(1, [.. Enumerable.Repeat((long)layers[0], count)])
            .Select((expert, index) => parameters.Stack($"{name}/{index}", expert, [.. layers.Skip(1)]))];
    }
}

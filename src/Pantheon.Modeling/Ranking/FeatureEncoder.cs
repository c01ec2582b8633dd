using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;

namespace Pantheon.Modeling.Ranking;

/// <summary>What the features say, as vectors: the input v of Pantheon Eq. 1.</summary>
/// <param name="User">[users, a]: the user, the context, the user's counts.</param>
/// <param name="Candidate">[candidates, b]: the item, its counts, and what the user's history says of it.</param>
public sealed record EncodedFeatures(Tensor User, Tensor Candidate);

/// <summary>Embeds ids, transforms numbers, and lets each candidate look at the user's history.</summary>
internal sealed class FeatureEncoder(NetworkParameters parameters, RankingOptions options, IReadOnlyList<float> priors)
{
    private readonly Dictionary<string, Tensor> _tables = new(StringComparer.Ordinal);

    public EncodedFeatures Encode(FeatureInputs inputs)
    {
        foreach (var table in inputs.Schema.Tables)
        {
            _tables[table.Key] = parameters.Table($"embedding/{table.Key}", table.Value, options.WidthOf(table.Value));
        }

        var user = Side(inputs, FeatureSide.User);
        var candidate = Side(inputs, FeatureSide.Candidate);
        if (options.AttentionWidth > 0 && inputs.Schema.Features.OfType<HistoryFeature>().Any())
        {
            candidate.Add(Attend(inputs));
        }

        var graph = parameters.Graph;
        var (u, c) = (graph.Concat(1, [.. user]), graph.Concat(1, [.. candidate]));
        return options.CrossWidth == 0
            ? new EncodedFeatures(u, c)
            : new EncodedFeatures(u, graph.Concat(1, c, parameters.Linear("cross/user", u, options.CrossWidth) * parameters.Linear("cross/candidate", c, options.CrossWidth)));
    }

    private List<Tensor> Side(FeatureInputs inputs, FeatureSide side) => [.. inputs.Schema.Features.Where(feature => feature.Side == side)
        .Select(feature => feature switch
        {
            IdFeature id => _tables[id.Table].Gather(inputs[id]),
            _ => inputs.Numbers(feature, priors, options.PriorStrength),
        }).OfType<Tensor>()];

    /// <summary>
    /// Target attention, after the Deep Interest Network (Zhou et al. 2018): the weight of a past item is w relu(W_q q + W_k k + W_p (q * k)),
    /// with q the candidate and k the past item in the embeddings that both have. Ours: a softmax over the places that are filled, where
    /// DIN leaves the weights as they are; it trains more steadily.
    /// </summary>
    private Tensor Attend(FeatureInputs inputs)
    {
        using var scope = parameters.Graph.Scope("history");
        var history = inputs.Schema.Features.OfType<HistoryFeature>().ToList();
        var ids = inputs.Schema.Features.OfType<IdFeature>().Where(feature => feature.Side == FeatureSide.Candidate)
            .ToDictionary(feature => feature.Table, StringComparer.Ordinal);
        var graph = parameters.Graph;
        var shared = history.Where(feature => ids.ContainsKey(feature.Table)).ToList();
        var query = graph.Concat(1, [.. shared.Select(feature => _tables[feature.Table].Gather(inputs[ids[feature.Table]]))]).Unsqueeze(1);
        var alike = graph.Concat(2, [.. shared.Select(feature => _tables[feature.Table].Gather(inputs[feature]))]);
        var past = graph.Concat(2, [alike, .. history.Except(shared).Select(feature => _tables[feature.Table].Gather(inputs[feature]))]);
        var width = options.AttentionWidth;
        var unit = parameters.Linear("query", query, width) + parameters.Linear("key", past, width) + parameters.Linear("product", query * alike, width);
        var weights = parameters.Linear("weight", unit.Relu(), 1).Squeeze(2);
        var filled = inputs[history[0]].IsGreater(graph.IntegerConstant(0)).Cast(Onnx.Graphs.OnnxElementType.Float);
        // Places that are not filled get nothing, also where none is.
        var attention = (weights + (filled - 1f) * 1e9f).Softmax() * filled;
        return attention.Unsqueeze(1).MatMul(past).Squeeze(1);
    }
}

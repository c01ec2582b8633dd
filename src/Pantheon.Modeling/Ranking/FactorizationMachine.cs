using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Modeling.Ranking;

/// <summary>
/// A factorisation machine of second order for each objective (Rendle 2010, Eq. 1): w_0 + sum_i w_i x_i + sum_{i&lt;j} (v_i . v_j) x_i x_j,
/// with v of <see cref="RankingOptions.EmbeddingWidth"/> numbers. An id is one variable of value 1; a number is one of its own value,
/// after the same transform as in the other networks; a history is the mean of its places, in a table of its own. The pairs are summed in
/// linear time by Lemma 3.1: half of (sum_i v_i x_i)^2 - sum_i (v_i x_i)^2.
/// </summary>
internal static class FactorizationMachine
{
    /// <summary>Appends the machines to a graph. An objective's state is sum_i v_i x_i.</summary>
    /// <inheritdoc cref="RankingModel.Build"/>
    public static RankingOutputs Build(NetworkParameters parameters, FeatureInputs inputs, RankingOptions options, IReadOnlyList<float> priors)
    {
        var (graph, objectives, factors) = (parameters.Graph, priors.Count, options.EmbeddingWidth);
        // M linear weights, then M times k factors.
        var width = objectives * (1 + factors);
        var (user, candidate) = (Side(FeatureSide.User), Side(FeatureSide.Candidate));
        // The user's part is one row of a request; it is broadcast here.
        var parts = (user.Sum + candidate.Sum).Split(1, [objectives, width - objectives]);
        var squares = (user.Squares + candidate.Squares).Slice(1, objectives, width);
        var pairs = ((parts[1] * parts[1] - squares) * 0.5f).Reshape(-1, objectives, factors).ReduceSum([2]);
        var rest = graph.Constant([.. priors.Select(prior => MathF.Log(prior / (1 - prior)))], objectives);
        var logits = parts[0] + pairs + parameters.Dense("bias", Initialization.Zeros, objectives) + rest;
        return new RankingOutputs(parts[1].Split(1, [.. Enumerable.Repeat((long)factors, objectives)]), logits, logits.Sigmoid());

        (Tensor Sum, Tensor Squares) Side(FeatureSide side)
        {
            var features = inputs.Schema.Features.Where(feature => feature.Side == side).ToList();
            List<Tensor> terms = [.. features.Select(Embedded).OfType<Tensor>()];
            List<Tensor> squares = [.. terms.Select(term => term * term)];
            List<Tensor> numbers = [.. features.Select(feature => inputs.Numbers(feature, priors, options.PriorStrength)).OfType<Tensor>()];
            if (numbers.Count > 0)
            {
                var values = graph.Concat(1, [.. numbers]);
                var weights = parameters.Dense($"numbers/{side}".ToLowerInvariant(), Initialization.Embedding, (int)values.Shape[1].Value!.Value, width);
                terms.Add(values.Linear(weights, null));
                squares.Add((values * values).Linear(weights * weights, null));
            }

            return (terms.Aggregate((sum, term) => sum + term), squares.Aggregate((sum, square) => sum + square));
        }

        Tensor? Embedded(Feature feature) => feature switch
        {
            IdFeature id => Table(id.Name, id.Table).Gather(inputs[id]),
            HistoryFeature history when options.AttentionWidth > 0 => Mean(history),
            _ => null,
        };

        Tensor Table(string name, string table) => parameters.Table($"factors/{name}", inputs.Schema.Tables[table], width);

        Tensor Mean(HistoryFeature history)
        {
            var filled = inputs[history].IsGreater(graph.IntegerConstant(0)).Cast(OnnxElementType.Float);
            var shares = filled / filled.ReduceSum([1], keepDimensions: true).Max(graph.Constant(1f));
            return shares.Unsqueeze(1).MatMul(Table(history.Name, history.Table).Gather(inputs[history])).Squeeze(1);
        }
    }
}

using Pantheon.Learning.Frozen;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Layers;
using Pantheon.Modeling.Losses;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Differentiation;
using Pantheon.Onnx.Graphs;

namespace Pantheon.Learning.Training;

/// <summary>
/// The graphs of one recommender: for training (loss and gradients), for offline scoring (a user in every row) and for serving (one
/// user, many candidates). All from the same code, so that what is trained is what is served.
/// </summary>
internal static class RecommenderGraph
{
    public const string Labels = "labels";
    public const string RowWeights = "row_weights";
    public const string Pxtrs = "pxtr";
    public const string Score = "score";

    public static string ScoreOf(string head) => $"score/{head}";

    public static string LossOf(string part) => $"loss/{part}";

    public static string WeightsOf(string head) => $"weights/{head}";

    /// <summary>Loss, predictions before the step, and all gradients.</summary>
    /// <param name="group">Rows of one user that stand together; 0 if they do not.</param>
    /// <param name="rankingPairwise">How much of the pairwise loss is added to the ranking model's.</param>
    /// <param name="frozen">The ranking model; null: the options', which is learned too.</param>
    public static TrainingGraph ForTraining(
        FeatureSchema schema, RecommenderOptions options, IReadOnlyList<float> priors, int group = 0, double rankingPairwise = 0, FrozenRanking? frozen = null)
    {
        var theirs = frozen?.ForRows(schema, options);
        var (parameters, outputs) = theirs is null ? Own(schema, options, priors, FeatureInputs.ForRows) : Heads(theirs, options, priors);
        var graph = parameters.Graph;
        var objectives = schema.Objectives.Count;
        var labels = graph.Input(Labels, OnnxElementType.Float, "batch", objectives);
        var rowWeights = graph.Input(RowWeights, OnnxElementType.Float, "batch");
        var ranking = ObjectiveLosses.Ranking(outputs.Ranking.Logits, labels, rowWeights);
        if (rankingPairwise > 0)
        {
            ranking += (float)rankingPairwise * PairwiseLosses.Ranking(outputs.Ranking.Logits, labels, rowWeights, group);
        }

        var total = graph.Output(LossOf("ranking"), ranking);
        for (var index = 0; index < options.Heads.Count; index++)
        {
            var name = options.Heads[index].Name;
            var weights = graph.Input(WeightsOf(name), OnnxElementType.Float, objectives);
            // No parameter is shared, as no gradient leaves a head: the gradient of the sum is that of each part.
            var loss = options.Heads[index].Loss == HeadLoss.Pairwise
                ? PairwiseLosses.Fused(outputs.HeadLogits[index], labels, weights, rowWeights, group)
                : ObjectiveLosses.Fused(outputs.HeadLogits[index], labels, weights, rowWeights);
            // A user's rates are learned as what they are; the fused score only reads them.
            total += graph.Output(LossOf(name), outputs.HeadRates[index] is { } rates ? loss + ObjectiveLosses.Ranking(rates, labels, rowWeights) : loss);
        }

        Predictions(graph, outputs, options);
        var byName = parameters.Specs.ToDictionary(spec => spec.Name, StringComparer.Ordinal);
        var tables = graph.Parameters.Where(parameter => byName[parameter.Name].IsTable).ToHashSet();
        var dense = new List<string>();
        var rows = new List<TableGather>();
        foreach (var gradient in Gradients.Of(total, graph.Parameters, tables))
        {
            var name = gradient.Parameter.Name;
            if (gradient.Dense is not null)
            {
                graph.Output($"d/{name}", gradient.Dense);
                dense.Add(name);
            }

            for (var place = 0; place < gradient.Rows.Count; place++)
            {
                // The ids are an input that we filled ourselves; only its gradient need come back.
                graph.Output($"d/{name}/{place}", gradient.Rows[place].Values);
                var ids = gradient.Rows[place].Ids.Name;
                rows.Add(new TableGather(name, $"d/{name}/{place}", theirs?.FeatureOf(ids, options) ?? ids));
            }
        }

        return new TrainingGraph(graph.Build(), parameters.Specs, dense, rows);
    }

    /// <summary>Predictions only, parameters as inputs.</summary>
    public static (OnnxModel Model, IReadOnlyList<ParameterSpec> Parameters) ForScoring(
        FeatureSchema schema, RecommenderOptions options, IReadOnlyList<float> priors, FrozenRanking? frozen = null)
    {
        var (parameters, outputs) = frozen is null ? Own(schema, options, priors, FeatureInputs.ForRows) : Heads(frozen.ForRows(schema, options), options, priors);
        Predictions(parameters.Graph, outputs, options);
        return (parameters.Graph.Build(), parameters.Specs);
    }

    /// <summary>The file that is served: user inputs once, parameters inside, the first head's score.</summary>
    public static OnnxModel ForServing(FeatureSchema schema, RecommenderOptions options, IReadOnlyList<float> priors, ParameterBuffers values)
    {
        var (parameters, outputs) = Own(schema, options, priors, FeatureInputs.ForRequests);
        var graph = parameters.Graph;
        if (outputs.HeadLogits.Count > 0)
        {
            graph.Output(Score, outputs.HeadLogits[0].Squeeze(1).Sigmoid());
        }

        graph.Output(Pxtrs, outputs.Ranking.Pxtrs);
        return graph.Build(name => values[name]);
    }

    /// <summary>
    /// The file that is served of a frozen ranking model: its inputs, those too that only its own score needed, and its Pxtr outputs; in the
    /// place of its score the first head's.
    /// </summary>
    public static OnnxModel ForServing(
        FeatureSchema schema, RecommenderOptions options, IReadOnlyList<float> priors, FrozenRanking frozen, ParameterBuffers values)
    {
        var theirs = frozen.ForRequests(schema, options);
        var (_, outputs) = Heads(theirs, options, priors);
        var manifest = frozen.Bundle.Manifest;
        theirs.Graph.Output(manifest.Score.Name, outputs.HeadLogits[0].Squeeze(1).Sigmoid());
        for (var index = 0; index < manifest.Pxtrs.Count; index++)
        {
            theirs.Graph.Output(manifest.Pxtrs[index].Name, theirs.Pxtrs[index]);
        }

        return theirs.Graph.Build(name => values[name], keepInputs: true);
    }

    private static (NetworkParameters Parameters, RecommenderOutputs Outputs) Own(
        FeatureSchema schema, RecommenderOptions options, IReadOnlyList<float> priors, Func<GraphBuilder, FeatureSchema, FeatureInputs> inputs)
    {
        var parameters = new NetworkParameters(new GraphBuilder());
        return (parameters, Recommender.Build(parameters, inputs(parameters.Graph, schema), options, priors));
    }

    private static (NetworkParameters Parameters, RecommenderOutputs Outputs) Heads(FrozenGraph theirs, RecommenderOptions options, IReadOnlyList<float> priors)
    {
        var parameters = new NetworkParameters(theirs.Graph);
        return (parameters, Recommender.Build(parameters, theirs.Outputs, theirs.User, theirs.Item, options.Heads, priors));
    }

    private static void Predictions(GraphBuilder graph, RecommenderOutputs outputs, RecommenderOptions options)
    {
        graph.Output(Pxtrs, outputs.Ranking.Pxtrs);
        for (var index = 0; index < options.Heads.Count; index++)
        {
            graph.Output(ScoreOf(options.Heads[index].Name), outputs.HeadLogits[index].Squeeze(1).Sigmoid());
        }
    }
}

/// <summary>A graph that gives loss and gradients.</summary>
/// <param name="Model">Its messages.</param>
/// <param name="Parameters">Its parameters, which are inputs.</param>
/// <param name="Dense">The parameters that have a gradient <c>d/name</c>.</param>
/// <param name="Gathers">The places where tables are read.</param>
internal sealed record TrainingGraph(
    OnnxModel Model, IReadOnlyList<ParameterSpec> Parameters, IReadOnlyList<string> Dense, IReadOnlyList<TableGather> Gathers);

/// <summary>One place where a table is read.</summary>
/// <param name="Table">The parameter.</param>
/// <param name="Gradient">The output with the gradient of each row that was read.</param>
/// <param name="Ids">The input that says which rows.</param>
internal sealed record TableGather(string Table, string Gradient, string Ids);

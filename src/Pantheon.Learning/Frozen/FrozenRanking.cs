using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Modeling;
using Pantheon.Modeling.Ensembles;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Ranking;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;
using BundleSide = Pantheon.Bundles.FeatureSide;
using FeatureSide = Pantheon.Modeling.Features.FeatureSide;

namespace Pantheon.Learning.Frozen;

/// <summary>
/// A ranking model that somebody else made, with values inside of its graph that heads read as tower states (Pantheon Eq. 6). Its weights
/// are constants: nothing of it is learned. What neither states nor Pxtrs need, such as its own fused score, is cut off.
/// </summary>
public sealed class FrozenRanking
{
    // No head can have this name, so that what they are built of is never taken.
    private const string Prefix = "ranking/";

    private const string Rows = "batch";
    private const string Candidates = "candidates";

    // Log-odds of a Pxtr end at +-13.8: float32 still tells 1 - 1e-6 from 1, and a model that says 0 or 1 does not give infinity.
    private const float Least = 1e-6f;

    // A gigabyte at the width of 16, and twice that for its optimizer: an input with more is a hash, not a vocabulary.
    private const int MostRows = 1 << 24;

    private readonly OnnxModel _requests;
    private readonly OnnxModel _rows;
    private readonly IReadOnlyList<int> _widths;

    private FrozenRanking(Bundle bundle, IReadOnlyList<string> states, IReadOnlyList<int> widths, OnnxModel requests, OnnxModel rows) =>
        (Bundle, States, _widths, _requests, _rows) = (bundle, states, widths, requests, rows);

    /// <summary>The model with its inputs, vocabularies, Pxtrs and objectives.</summary>
    public Bundle Bundle { get; }

    /// <summary>Names of the states in its graph.</summary>
    public IReadOnlyList<string> States { get; }

    /// <summary>Finds the states in a bundle's graph.</summary>
    /// <param name="states">Names of float values [candidates, d] in the graph, as many as there are; none if no head looks at states.</param>
    /// <exception cref="BundleException">The graph is not one that heads can be trained on; the message says why.</exception>
    public static FrozenRanking Open(Bundle bundle, IReadOnlyList<string> states)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(states);
        if (bundle.Manifest.Objectives.Count == 0)
        {
            throw new BundleException($"{bundle.Directory}: the bundle gives a score and no Pxtrs, expected a ranking model's");
        }

        if (states.GroupBy(name => name, StringComparer.Ordinal).FirstOrDefault(same => same.Count() > 1) is { } twice)
        {
            throw new BundleException($"{bundle.Directory}: state '{twice.Key}' came twice, expected each once");
        }

        try
        {
            var model = OnnxModel.Load(bundle.ModelPath);
            // Before anything is looked into: external data would not be beside a graph that is in memory.
            GraphBuilder.From(model);
            using var search = new StateSearch(bundle, model);
            return new FrozenRanking(bundle, states, search.Widths(states), model.WithInnerPrefix(Prefix), BundleScorer.WithRows(bundle).WithInnerPrefix(Prefix));
        }
        catch (Exception error) when (error is GraphBuildException or OnnxFormatException or GraphException)
        {
            throw new BundleException($"{bundle.Directory}: {BundleScorer.OneLine(error.Message)}", error);
        }
    }

    /// <summary>Whether heads can have embeddings of their own by the rows of an input: whether its range bounds them.</summary>
    public static bool SharesRows(InputSpec input) => input is { Type: ElementType.Int64, Range.Max: < MostRows };

    /// <summary>Makes sure that the graph makes of many users side by side, as heads learn from them, what it makes of each alone, as in service.</summary>
    /// <param name="data">From <see cref="BundleFeatures.Load"/> for this bundle; at least one exposure.</param>
    /// <exception cref="BundleException">It does not, or it fails.</exception>
    public void Check(Dataset data)
    {
        ArgumentNullException.ThrowIfNull(data);
        var inputs = Bundle.Manifest.Inputs;
        OutputSpec[] outputs =
        [
            .. Bundle.Manifest.Pxtrs.Concat(States.Zip(_widths, (name, width) => new OutputSpec { Name = name, Role = OutputRole.Pxtr, Shape = [null, width] }))
                .DistinctBy(output => output.Name, StringComparer.Ordinal).Select(output => output with { Name = Prefix + output.Name }),
        ];
        var reason = "";
        using var single = Session(_requests);
        try
        {
            using var batch = Session(_rows);
            if (BundleScorer.Agree(inputs, outputs, data, single, batch))
            {
                return;
            }

            reason = "it gives other values to rows side by side than to each alone";
        }
        catch (Exception error) when (error is GraphException or OnnxFormatException)
        {
            reason = BundleScorer.OneLine(error.Message);
        }

        throw new BundleException($"{Bundle.Directory}: the graph does not take many users at once, from which heads learn: {reason}; expected one in which no candidate sees another");

        GraphSession Session(OnnxModel model)
        {
            var graph = GraphBuilder.From(model);
            foreach (var output in outputs)
            {
                graph.Output(output.Name, graph.Declare(output.Name, OnnxElementType.Float, [Candidates, .. output.Shape.Skip(1).Select(size => (Dimension)size!.Value)]));
            }

            return GraphSession.Load(
                graph.Build(keepInputs: true), new GraphSessionOptions { FixedShapes = true }, [.. inputs.Select(input => input.Name)], [.. outputs.Select(output => output.Name)]);
        }
    }

    /// <summary>For training and offline scoring: a user and an item in every row.</summary>
    internal FrozenGraph ForRows(FeatureSchema schema, RecommenderOptions options) => Begin(schema, options, perRow: true);

    /// <summary>For serving: one user, many candidates.</summary>
    internal FrozenGraph ForRequests(FeatureSchema schema, RecommenderOptions options) => Begin(schema, options, perRow: false);

    private FrozenGraph Begin(FeatureSchema schema, RecommenderOptions options, bool perRow)
    {
        var graph = GraphBuilder.From(perRow ? _rows : _requests);
        Dimension candidates = perRow ? Rows : Candidates;
        // One name for the rows wherever they come from, so that it is plain that nothing is broadcast.
        Tensor[] states = [.. States.Select((name, index) => graph.Declare(Prefix + name, OnnxElementType.Float, candidates, _widths[index]))];
        Tensor[] outputs = [.. Bundle.Manifest.Pxtrs.Select(output =>
            graph.Declare(Prefix + output.Name, OnnxElementType.Float, [candidates, .. output.Shape.Skip(1).Select(size => (Dimension)size!.Value)]))];
        var pxtrs = graph.Concat(1, [.. schema.Objectives.Select(objective => Column(outputs, objective))]);
        var clipped = pxtrs.Clip(Least, 1 - Least);
        return new FrozenGraph(
            graph, new RankingOutputs(states, clipped.Log() - (1f - clipped).Log(), pxtrs), outputs,
            RowsOf(graph, schema, options.UserFeature, perRow), RowsOf(graph, schema, options.ItemFeature, perRow));
    }

    // One output of all columns, or an output for each.
    private Tensor Column(Tensor[] outputs, string objective)
    {
        var place = Bundle.Manifest.Objectives.ToList().IndexOf(objective);
        var (output, column) = outputs.Length == 1 ? (outputs[0], place) : (outputs[place], 0);
        return output.Rank == 1 ? output.Unsqueeze(1) : output.Slice(1, column, column + 1);
    }

    // An input of theirs has their rows, which need not be the log's; how many there are, its range says. A feature that they have not
    // is an input of ours, in the log's rows.
    private TableRows? RowsOf(GraphBuilder graph, FeatureSchema schema, string name, bool perRow)
    {
        if (schema.Features.OfType<IdFeature>().FirstOrDefault(feature => feature.Name == name) is not { } feature)
        {
            return null;
        }

        var input = Bundle.Manifest.Inputs.FirstOrDefault(input => input.Name == name);
        Dimension rows = perRow ? Rows : feature.Side == FeatureSide.User && input is not { Tiled: true } ? 1 : Candidates;
        if (input is null)
        {
            return new TableRows(graph.Input(name, OnnxElementType.Int64, rows), schema.Tables[feature.Table]);
        }

        if (!SharesRows(input))
        {
            return null;
        }

        var ids = input.Shape.Count == 1 ? graph[name] : graph[name].Reshape(-1);
        return new TableRows(graph.Declare(ids.Name, OnnxElementType.Int64, rows), (int)input.Range!.Max + 1);
    }
}

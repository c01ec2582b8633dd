using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Onnx.Graphs;
using BundleSide = Pantheon.Bundles.FeatureSide;
using Side = Pantheon.Modeling.Features.FeatureSide;

namespace Pantheon.Learning.Publishing;

/// <summary>A trained recommender as a bundle that takes the raw ids a gateway has.</summary>
public static class RecommenderBundle
{
    /// <summary>Publishes the first head's score and all Pxtrs.</summary>
    /// <param name="repository">The models.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="vocabularies">Of every table of the schema; a table may have more rows.</param>
    /// <param name="lineage">Where it comes from; the golden provenance is filled in.</param>
    /// <param name="moments">Of the score, over the exposures that it was judged on.</param>
    /// <param name="requests">Become the golden requests; their outputs are those of the training's own scoring.</param>
    /// <param name="check">Judges the bundle before it is seen.</param>
    /// <param name="baseline">Of the scores that consumers are used to; null: of the model's default version, or, without one, <paramref name="moments"/>.</param>
    /// <exception cref="BundleException">Nothing was published; the message says why.</exception>
    public static Bundle Publish(
        ModelRepository repository, string model, IExamples data, IReadOnlyDictionary<string, IdVocabulary> vocabularies, RecommenderOptions recommender, IReadOnlyList<float> priors,
        ParameterBuffers parameters, Moments moments, IReadOnlyList<DemoRequest> requests, Lineage lineage, Action<Bundle> check, Moments? baseline = null)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recommender);
        ArgumentNullException.ThrowIfNull(lineage);
        var graph = RecommenderGraph.ForServing(data.Schema, recommender, priors, parameters);
        var inputs = graph.Inputs.Select(input => Describe(data.Schema, data.Schema.Features.First(feature => feature.Name == input.Name))).ToList();
        var tables = inputs.Where(input => input.Vocabulary is not null).Select(input => TableOf(data.Schema, input.Name)).Distinct(StringComparer.Ordinal);
        var draft = new Manifest
        {
            Model = model,
            Version = Manifest.NextVersion,
            Inputs = [.. inputs.Select(input => input.Vocabulary is null ? input : input with { Vocabulary = input.Vocabulary with { Kind = vocabularies[TableOf(data.Schema, input.Name)].Kind } })],
            Outputs =
            [
                new OutputSpec { Name = RecommenderGraph.Score, Role = OutputRole.Score, Shape = [null] },
                new OutputSpec { Name = RecommenderGraph.Pxtrs, Role = OutputRole.Pxtr, Shape = [null, data.Schema.Objectives.Count] },
            ],
            Objectives = data.Schema.Objectives,
            Calibration = new CalibrationSpec { Own = moments, Baseline = baseline ?? Baseline(repository, model) ?? moments },
            Lineage = lineage with { Opset = graph.OpsetVersion, Producer = graph.Producer, GoldenProvenance = "the training graph's own scoring of logged exposures" },
        };
        using var scorer = new Scorer(data.Schema, recommender, priors, parameters, threads: 1);
        BundleSource[] sources =
        [
            new(Bundle.ModelFile, graph.Save),
            BundleSource.FromGoldens([.. requests.Select(request => Golden(data, scorer, request, inputs))]),
            .. tables.Select(table => vocabularies[table].ToSource(VocabularyFile(table))),
        ];
        return BundlePublisher.Publish(repository, draft, sources, check);
    }

    // What consumers downstream are used to is what they get now; without a version in service, the new scores themselves.
    internal static Moments? Baseline(ModelRepository models, string model) =>
        models.Versions(model).Count > 0 ? models.Open(model, models.DefaultVersion(model)).Manifest.Calibration?.Baseline : null;

    internal static InputSpec Describe(FeatureSchema schema, Feature feature)
    {
        long? rows = feature.Side == Side.User ? 1 : null;
        var width = feature switch
        {
            HistoryFeature history => history.Length,
            DenseFeature dense => dense.Width,
            CountFeature => 1 + schema.Objectives.Count,
            _ => 0L,
        };
        var ids = feature is IdFeature or HistoryFeature;
        return new InputSpec
        {
            Name = feature.Name,
            Type = ids ? ElementType.Int64 : ElementType.Float,
            Side = feature.Side == Side.User ? BundleSide.User : BundleSide.Candidate,
            Shape = width == 0 ? [rows] : [rows, width],
            Range = ids ? new IdRange(0, schema.Tables[TableOf(schema, feature.Name)] - 1) : null,
            Vocabulary = ids ? new VocabularySpec { File = VocabularyFile(TableOf(schema, feature.Name)), Kind = VocabularyKind.Int64, UnknownRow = 0 } : null,
        };
    }

    private static string TableOf(FeatureSchema schema, string feature) => schema.Features.First(other => other.Name == feature) switch
    {
        IdFeature id => id.Table,
        HistoryFeature history => history.Table,
        var other => throw new ArgumentException($"{other.Name} has no table", nameof(feature)),
    };

    private static string VocabularyFile(string table) => $"vocabularies/{table}.tsv";

    private static GoldenRequest Golden(IExamples data, Scorer scorer, DemoRequest request, IReadOnlyList<InputSpec> inputs)
    {
        var rows = request.Candidates.ToArray();
        var predictions = scorer.Score(data, rows, request.User);
        var objectives = data.Schema.Objectives.Count;
        var pxtrs = new float[rows.Length * objectives];
        for (var index = 0; index < pxtrs.Length; index++)
        {
            pxtrs[index] = predictions.Pxtrs[index % objectives][index / objectives];
        }

        return new GoldenRequest
        {
            Inputs = RequestTensors.Of(data, request, inputs),
            Outputs = new Dictionary<string, GoldenTensor>
            {
                [RecommenderGraph.Score] = new() { Shape = [rows.Length], Floats = predictions.Scores[0] },
                [RecommenderGraph.Pxtrs] = new() { Shape = [rows.Length, objectives], Floats = pxtrs },
            },
            Candidates = rows.Length,
        };
    }
}

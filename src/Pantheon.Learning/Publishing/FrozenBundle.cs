using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Frozen;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Publishing;

/// <summary>A ranking model that somebody else made with a head that was trained on it, as one bundle.</summary>
public static class FrozenBundle
{
    /// <summary>
    /// Publishes the first head's score in the place of theirs. Inputs, vocabularies and Pxtrs are theirs; an own id feature that they do
    /// not have is an input more. In the golden requests the Pxtrs are those of their own graph, the score that of the training's scoring.
    /// </summary>
    /// <param name="repository">Directory of the models.</param>
    /// <param name="model">Name of the model.</param>
    /// <param name="data">What it was trained on: from <see cref="Evaluation.BundleFeatures.Load"/> for their bundle.</param>
    /// <param name="parameters">The heads'.</param>
    /// <param name="own">Moments of the new score, over the exposures that it was judged on.</param>
    /// <param name="baseline">What consumers are used to, where no version of the model is there to say.</param>
    /// <param name="lineage">Where it comes from; source, producer, golden provenance, credit and licence are filled in.</param>
    /// <param name="check">Judges the bundle before it is seen.</param>
    /// <exception cref="BundleException">Nothing was published; the message says why.</exception>
    public static Bundle Publish(
        string repository, string model, Dataset data, RecommenderOptions recommender, FrozenRanking ranking, IReadOnlyList<float> priors, ParameterBuffers parameters,
        Moments own, Moments baseline, IReadOnlyList<DemoRequest> requests, Lineage lineage, Action<Bundle> check)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(recommender);
        ArgumentNullException.ThrowIfNull(ranking);
        ArgumentNullException.ThrowIfNull(lineage);
        var theirs = ranking.Bundle.Manifest;
        var graph = RecommenderGraph.ForServing(data.Schema, recommender, priors, ranking, parameters);
        var there = theirs.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        var added = data.Schema.Features.OfType<IdFeature>()
            .Where(feature => !there.Contains(feature.Name) && graph.Inputs.Any(input => input.Name == feature.Name)).ToList();
        var given = theirs.Files.First(file => file.Name == Bundle.ModelFile);
        var draft = theirs with
        {
            Model = model,
            Version = Manifest.NextVersion,
            Inputs = [.. theirs.Inputs, .. added.Select(feature => Describe(data, feature))],
            Outputs = [new OutputSpec { Name = theirs.Score.Name, Role = OutputRole.Score, Shape = [null] }, .. theirs.Pxtrs],
            Calibration = new CalibrationSpec { Own = own, Baseline = RecommenderBundle.Baseline(new ModelRepository(repository), model) ?? baseline },
            Lineage = lineage with
            {
                Source = new SourceFile(given.Name, given.Sha256),
                Producer = theirs.Lineage.Producer,
                Opset = graph.OpsetVersion,
                GoldenProvenance = "logged exposures: the ranking model's own graph for the Pxtrs, the training graph's own scoring for the score",
                Attribution = theirs.Lineage.Attribution,
                License = theirs.Lineage.License,
            },
            Files = [],
        };
        using var scorer = new Scorer(data.Schema, recommender, priors, parameters, threads: 1, ranking);
        using var trial = GraphTrial.Load(ranking.Bundle.ModelPath);
        BundleSource[] sources =
        [
            new(Bundle.ModelFile, graph.Save),
            BundleSource.FromGoldens([.. requests.Select(request => Golden(data, draft, theirs, scorer, trial, request))]),
            .. theirs.Inputs.Select(input => input.Vocabulary?.File).OfType<string>().Distinct(StringComparer.Ordinal)
                .Select(name => BundleSource.FromFile(name, Path.Combine(ranking.Bundle.Directory, name))),
            .. added.Select(feature => data.Vocabularies[feature.Table].ToSource(VocabularyFile(feature))),
        ];
        return BundlePublisher.Publish(repository, draft, sources, check);
    }

    private static InputSpec Describe(Dataset data, IdFeature feature)
    {
        var input = RecommenderBundle.Describe(data.Schema, feature);
        return input with { Vocabulary = input.Vocabulary! with { File = VocabularyFile(feature), Kind = data.Vocabularies[feature.Table].Kind } };
    }

    // Theirs may have a file of the usual name for another input.
    private static string VocabularyFile(IdFeature feature) => $"vocabularies/head/{feature.Table}.tsv";

    private static GoldenRequest Golden(Dataset data, Manifest draft, Manifest theirs, Scorer scorer, GraphTrial trial, DemoRequest request)
    {
        var inputs = RequestTensors.Of(data, request, draft.Inputs);
        string[] pxtrs = [.. theirs.Pxtrs.Select(output => output.Name)];
        var outputs = pxtrs.Zip(trial.Run(RequestTensors.Of(data, request, theirs.Inputs).ToValues(), pxtrs))
            .ToDictionary(pair => pair.First, pair => pair.Second.ToGolden(), StringComparer.Ordinal);
        var score = scorer.Score(data, request.Candidates.ToArray(), request.User).Scores[0];
        outputs[draft.Score.Name] = new GoldenTensor { Shape = [score.Length], Floats = score };
        return new GoldenRequest { Inputs = inputs, Outputs = outputs, Candidates = score.Length };
    }
}

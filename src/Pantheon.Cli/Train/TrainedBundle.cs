using Pantheon.Bundles;
using Pantheon.Cli.Create;
using Pantheon.Learning.Data;
using Pantheon.Learning.Publishing;
using Pantheon.Learning.Training;
using Pantheon.Modeling;

namespace Pantheon.Cli.Train;

/// <summary>What was learned from a log, as a bundle with a request to try it with.</summary>
internal static class TrainedBundle
{
    /// <param name="scores">Of the first head, over the exposures it was judged on.</param>
    /// <param name="judged">These exposures; golden requests are made of some.</param>
    /// <param name="notes">Where it comes from.</param>
    /// <param name="given">The ranking model, if it was not learned.</param>
    /// <param name="before">Scores of its own bundle over the same exposures.</param>
    public static Bundle Publish(
        string repository, string model, Dataset data, RecommenderOptions recommender, IReadOnlyList<float> priors, ParameterBuffers parameters,
        float[] scores, RowRange judged, string notes, GivenRanking? given, float[]? before, CancellationToken cancellation)
    {
        var demos = DemoRequest.Of(data, judged, requests: 3);
        var moments = ScoreMoments.Of(scores);
        var lineage = new Lineage { CreatedAt = BundleCreation.Now(), CreatedBy = BundleCreation.Tool, Notes = notes };
        void Check(Bundle staged) => BundleCreation.Check(staged, cancellation);
        var bundle = given is null
            ? RecommenderBundle.Publish(new ModelRepository(repository), model, data, data.Vocabularies, recommender, priors, parameters, moments, demos, lineage, Check)
            : FrozenBundle.Publish(
                repository, model, data, recommender, given.Model, priors, parameters, moments, given.Log.Bundle.Manifest.Calibration?.Baseline ?? ScoreMoments.Of(before), demos, lineage, Check);
        var path = Path.Combine(repository, model, "request.json");
        DemoRequestFile.Write(path, DemoRequestFile.Make(data, demos[0], model, bundle.Manifest.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal)));
        return bundle;
    }
}

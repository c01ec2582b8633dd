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
    public static Bundle Publish(
        string repository, string model, Dataset data, RecommenderOptions recommender, IReadOnlyList<float> priors, ParameterBuffers parameters,
        float[] scores, RowRange judged, string notes, CancellationToken cancellation)
    {
        var demos = DemoRequest.Of(data, judged, requests: 3);
        var mean = scores.Average(score => (double)score);
        var moments = new Moments(mean, Math.Sqrt(scores.Average(score => (score - mean) * (score - mean))));
        var lineage = new Lineage { CreatedAt = BundleCreation.Now(), CreatedBy = BundleCreation.Tool, Notes = notes };
        var bundle = RecommenderBundle.Publish(
            repository, model, data, recommender, priors, parameters, moments, demos, lineage, staged => BundleCreation.Check(staged, cancellation));
        var path = Path.Combine(repository, model, "request.json");
        DemoRequestFile.Write(path, DemoRequestFile.Make(data, demos[0], model, bundle.Manifest.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal)));
        return bundle;
    }
}

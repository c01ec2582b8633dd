using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;
using BundleSide = Pantheon.Bundles.FeatureSide;
using FeatureSide = Pantheon.Modeling.Features.FeatureSide;

namespace Pantheon.Learning.Evaluation;

/// <summary>
/// The features that a bundle asks for, out of a KuaiRand log, as its service would make them of what a gateway sends: raw ids through
/// the bundle's own vocabularies, numbers as they are. The bundle need not have been trained on this log, nor here.
/// </summary>
public static class BundleFeatures
{
    private const string Feedback = "feedback";

    /// <summary>Loads a log with what the bundle's manifest asks for: its objectives, its inputs, its lengths of history.</summary>
    /// <param name="options">
    /// What a manifest does not say: filter, split, threads, and of the features when an exposure enters a history, when counters know of
    /// it and when a session ends. The objectives, profile columns, lengths and minimal counts of these are not looked at.
    /// </param>
    /// <param name="own">
    /// Id features to give besides, in rows of the log's own vocabularies, where the bundle has no input of that name; one that the log
    /// does not have is left out. For these the options' minimal counts do count.
    /// </param>
    /// <returns>Features in the order of the manifest's inputs, on its sides, then the own ones; objectives are those of the bundle that the log has, in its order.</returns>
    /// <exception cref="DataException">The log lacks an input, or has none of the objectives, or cannot be read.</exception>
    public static Dataset Load(
        Bundle bundle, LogFolder folder, DatasetOptions options, IReadOnlyList<string>? own = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(bundle);
        ArgumentNullException.ThrowIfNull(folder);
        ArgumentNullException.ThrowIfNull(options);
        var manifest = bundle.Manifest;
        string[] found = [.. manifest.Objectives.Where(folder.HasObjective)];
        if (manifest.Objectives.Count > 0 && found.Length == 0)
        {
            throw new DataException($"{folder.Path}: none of the bundle's objectives {string.Join(", ", manifest.Objectives)} is in the log, expected one at least");
        }

        var inputs = manifest.Inputs.Select(input => input.Name).ToHashSet(StringComparer.Ordinal);
        string[] added = [.. (own ?? []).Where(name => !inputs.Contains(name)).Distinct(StringComparer.Ordinal)];
        var data = Dataset.Load(
            folder,
            options with
            {
                Features = options.Features with
                {
                    Objectives = found.Length > 0 ? found : options.Features.Objectives,
                    HistoryLength = 1,
                    ProfileColumns = [.. KuaiRandColumns.Profile.Where(name => inputs.Contains(name) || added.Contains(name))],
                    // The bundle says which ids it knows; the log's own vocabularies only must not leave a feature out.
                    MinCount = 1,
                    MinCounts = added.ToDictionary(name => name, options.Features.MinCountOf, StringComparer.Ordinal),
                },
            },
            cancellation);
        var sources = manifest.Inputs.Select(input => SourceOf(bundle, input, data, found)).ToList();
        var features = manifest.Inputs.Zip(sources, (input, source) => source.Feature with { Side = input.Side == BundleSide.User ? FeatureSide.User : FeatureSide.Candidate }).ToList();
        var ids = data.Sources.Where(source => source.Feature is IdFeature && added.Contains(source.Feature.Name)).ToList();
        return data.With(
            [.. sources, .. ids], [.. features, .. ids.Select(source => source.Feature)], [.. ids.Select(source => ((IdFeature)source.Feature).Table)]);
    }

    private static FeatureSource SourceOf(Bundle bundle, InputSpec input, Dataset data, string[] found)
    {
        var source = data.Sources.FirstOrDefault(source => source.Feature.Name == input.Name) ?? throw new DataException(
            $"input '{input.Name}' of the bundle is not among the features that this KuaiRand log gives: "
            + string.Join(", ", data.Schema.Features.Select(feature => feature.Name)));
        var lacking = bundle.Manifest.Objectives.Except(found, StringComparer.Ordinal).ToList();
        if (lacking.Count > 0 && source.Feature is CountFeature or HistoryFeature { Table: Feedback })
        {
            throw new DataException(
                $"input '{input.Name}' of the bundle counts every objective of the bundle, and the log has no {string.Join(", ", lacking)}");
        }

        return source is IdSource ids ? Ids(input, ids, bundle.Vocabularies.GetValueOrDefault(input.Name)) : Numbers(input, source, data.Schema);
    }

    private static FeatureSource Numbers(InputSpec input, FeatureSource source, FeatureSchema schema)
    {
        var width = FeatureBatch.WidthOf(new FeatureSchema(schema.Objectives, schema.Tables, [source.Feature]), 0);
        return input.Type == ElementType.Float && input.Width == width ? source : throw new DataException(
            $"input '{input.Name}' of the bundle is {input.Width} {Name(input.Type)} a row, the log gives {width} float");
    }

    private static IdSource Ids(InputSpec input, IdSource source, Vocabulary? vocabulary)
    {
        if (input.Type != ElementType.Int64 || (source.Feature is IdFeature && input.Width != 1))
        {
            throw new DataException(
                $"input '{input.Name}' of the bundle is {input.Width} {Name(input.Type)} a row, the log gives {(source.Feature is IdFeature ? "one" : "any number of")} int64");
        }

        if (vocabulary is not null && vocabulary.Kind != source.Kind)
        {
            throw new DataException(
                $"input '{input.Name}' of the bundle has a vocabulary of {Name(vocabulary.Kind)} ids, the log's are {Name(source.Kind)}");
        }

        IdSource mapped;
        try
        {
            mapped = source.In(vocabulary, input.Width);
        }
        catch (DataException refusal)
        {
            throw new DataException($"input '{input.Name}': {refusal.Message}", refusal);
        }

        var (lowest, highest) = mapped.Bounds;
        return input.Range is not { } range || (lowest >= range.Min && highest <= range.Max) ? mapped : throw new DataException(
            $"input '{input.Name}' of the bundle takes {range.Min} to {range.Max} and has no vocabulary, the log's raw ids are {lowest} to {highest}");
    }

    private static string Name<T>(T value)
        where T : struct, Enum => value.ToString().ToLowerInvariant();
}

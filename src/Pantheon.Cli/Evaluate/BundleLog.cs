using Pantheon.Bundles;
using Pantheon.Cli.Train;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Evaluate;

/// <summary>A log read for a bundle, and the bundle's graph ready to score it.</summary>
internal sealed class BundleLog : IDisposable
{
    private readonly ProgressLine _progress;

    private BundleLog(Bundle bundle, Dataset data, BundleScorer scorer, ProgressLine progress) =>
        (Bundle, Data, Scorer, _progress) = (bundle, data, scorer, progress);

    public Bundle Bundle { get; }

    /// <summary>Its features are the bundle's inputs.</summary>
    public Dataset Data { get; }

    public BundleScorer Scorer { get; }

    /// <summary>Objectives of the bundle that the log cannot judge.</summary>
    public IEnumerable<string> Lacking => Bundle.Manifest.Objectives.Except(Data.Schema.Objectives, StringComparer.Ordinal);

    /// <param name="config">A training's configuration; null for the defaults.</param>
    public static BundleLog Open(string path, string data, string? config, ProgressLine progress, CancellationToken cancellation) =>
        Open(BundleFolder.Open(path), data, config is null ? new FeatureOptions() : TrainingConfig.Read(config).Features, [], progress, cancellation);

    /// <param name="own">Id features of the log to give besides, where the bundle has no such input.</param>
    public static BundleLog Open(Bundle bundle, string data, FeatureOptions features, IReadOnlyList<string> own, ProgressLine progress, CancellationToken cancellation)
    {
        // The objectives are the bundle's.
        var dataset = LogData.Load(
            data, features with { Objectives = null }, progress, (folder, options) => BundleFeatures.Load(bundle, folder, options, own, cancellation));
        var log = new BundleLog(bundle, dataset, BundleScorer.Open(bundle, dataset, Environment.ProcessorCount), progress);
        if (log.Lacking.Any())
        {
            progress.Say($"objectives of the bundle that the log lacks, and so cannot judge: {string.Join(", ", log.Lacking)}");
        }

        if (log.Scorer.OneByOne is { } reason)
        {
            progress.Say($"scoring one exposure at a time: {reason}");
        }

        return log;
    }

    public BundleScores Score(RowRange range, string what, CancellationToken cancellation) =>
        Scorer.Score(range, done => _progress.Show(what, done), cancellation);

    public void Dispose() => Scorer.Dispose();
}

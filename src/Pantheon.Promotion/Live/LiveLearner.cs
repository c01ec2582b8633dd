using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Publishing;
using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;

namespace Pantheon.Promotion.Live;

/// <summary>
/// The ranking model with two heads on it, the reference and the base, learned window by window from what users were shown: Pantheon
/// section 3.2, in service. Whoever calls it scores a window first and trains on it after. Not for use by two threads at once.
/// </summary>
internal sealed class LiveLearner : IDisposable
{
    private const uint Magic = 0x4C764C31;
    private const int ReferenceHead = 0;
    private const int BaseHead = 1;

    private readonly PromoterOptions _options;
    private readonly FeatureSchema _schema;
    private readonly RecommenderOptions _recommender;
    private readonly Dictionary<string, LiveVocabulary> _vocabularies;
    private Trainer? _trainer;
    private Scorer? _scorer;
    private long _scheduled;

    public LiveLearner(PromoterOptions options)
    {
        _options = options;
        _schema = options.Schema;
        _recommender = options.Recommender with { Heads = [options.Head with { Name = "reference" }, options.Head with { Name = "base" }] };
        _vocabularies = _schema.Tables.ToDictionary(table => table.Key, table => new LiveVocabulary(table.Key, table.Value), StringComparer.Ordinal);
    }

    /// <summary>Whether it has trained on anything.</summary>
    public bool IsReady => _trainer is not null;

    /// <summary>Rows of a window as it reads them.</summary>
    public LiveExamples Read(Exposures.Joining.JoinedWindow window) => new(_schema, _vocabularies, window);

    /// <summary>Whether a first window has both classes of every objective, without which there are no rates to begin with.</summary>
    public bool CanBegin(LiveExamples examples) =>
        Enumerable.Range(0, _schema.Objectives.Count).All(objective => examples.Labels(objective).Contains((byte)1) && examples.Labels(objective).Contains((byte)0));

    /// <summary>w that a learner begins with after a first window: the options', or what its rates say.</summary>
    public double[] WeightsOf(LiveExamples examples) =>
    [
        .. HeadWeights.Of(_options.Head with { Weights = _options.Weights }, _schema.Objectives, ObjectiveRates.Of(examples, new RowRange(0, examples.Count)), _options.Training.Group)
            .Select(weight => (double)weight),
    ];

    /// <summary>Scores of reference and base, as they would be served.</summary>
    public (float[] Reference, float[] Base, float[][] Pxtrs) Score(LiveExamples examples, CancellationToken cancellation)
    {
        var predictions = _scorer!.Score(examples, new RowRange(0, examples.Count), cancellation);
        return (predictions.Scores[ReferenceHead], predictions.Scores[BaseHead], predictions.Pxtrs);
    }

    /// <summary>The first window: as many passes as a training takes.</summary>
    public void Begin(LiveExamples examples, IReadOnlyList<double> weights, CancellationToken cancellation)
    {
        // With nothing to compare with, new ids need not wait for a window to be known.
        Grow();
        examples = examples.Again(_vocabularies);
        Make(ObjectiveRates.Of(examples, new RowRange(0, examples.Count)));
        SetWeights(weights, weights);
        var loop = new TrainingLoop(examples, Rows(examples), _trainer!, _options.Training);
        _scheduled = loop.Steps;
        loop.Run(cancellation: cancellation);
        Grow();
    }

    /// <summary>A later window: one pass, at the rate that the first ended with.</summary>
    /// <param name="reference">w of the reference.</param>
    /// <param name="base">w of the base.</param>
    public void Train(LiveExamples examples, IReadOnlyList<double> reference, IReadOnlyList<double> @base, CancellationToken cancellation)
    {
        SetWeights(reference, @base);
        if (examples.Count > 0)
        {
            new TrainingLoop(examples, Rows(examples), _trainer!, _options.Training with { Epochs = 1 }, _scheduled).Run(cancellation: cancellation);
        }

        Grow();
    }

    /// <summary>The reference becomes the base; from equal weights on they stay equal.</summary>
    public void Promote() => _trainer!.CopyHead(ReferenceHead, BaseHead);

    /// <summary>Publishes a head with the ranking model.</summary>
    /// <param name="ofReference">The reference, or the base.</param>
    /// <param name="examples">A window that it was not trained on yet: its scores' moments, and golden requests, are taken from there.</param>
    /// <param name="baseline">The scale of what consumers are used to; null: that of the version in service.</param>
    /// <exception cref="BundleException">Nothing was published.</exception>
    public Bundle Publish(bool ofReference, LiveExamples examples, ModelRepository repository, Lineage lineage, Action<Bundle> check, Moments? baseline = null)
    {
        var head = _recommender.Heads[ofReference ? ReferenceHead : BaseHead];
        var scores = _scorer!.Score(examples, new RowRange(0, examples.Count)).Scores[ofReference ? ReferenceHead : BaseHead];
        var moments = MomentsOf(scores, examples);
        var demos = Enumerable.Range(0, examples.Count).GroupBy(row => examples.Exposures[row].Ranking.Id)
            .OrderByDescending(rows => rows.Count()).Take(3).Select(rows => new DemoRequest(rows.First(), [.. rows])).ToList();
        return RecommenderBundle.Publish(
            repository, _options.Model, examples, _vocabularies.ToDictionary(pair => pair.Key, pair => pair.Value.ToVocabulary(), StringComparer.Ordinal),
            _recommender with { Heads = [head] }, _trainer!.Priors, _trainer.Parameters, moments, demos, lineage, check, baseline);
    }

    /// <summary>Writes all that it has learned, durably: whole or not at all.</summary>
    /// <param name="through">The end of the last window that it was trained on.</param>
    public void Save(string path, DateTimeOffset through)
    {
        var aside = $"{path}.new";
        using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
        {
            using var writer = new BinaryWriter(file);
            writer.Write(Magic);
            writer.Write(_options.Fingerprint);
            writer.Write(through.UtcTicks);
            writer.Write(_scheduled);
            writer.Write(_trainer!.Priors.Count);
            _trainer.Priors.ToList().ForEach(writer.Write);
            foreach (var table in _vocabularies.Keys.Order(StringComparer.Ordinal))
            {
                _vocabularies[table].Save(writer);
            }

            writer.Flush();
            _trainer.Save(file);
            file.Flush(flushToDisk: true);
        }

        File.Move(aside, path, overwrite: true);
    }

    /// <summary>Reads what <see cref="Save"/> wrote.</summary>
    /// <returns>The end of the last window that it was trained on.</returns>
    /// <exception cref="InvalidDataException">Of other options, or damaged.</exception>
    public DateTimeOffset Load(string path)
    {
        try
        {
            using var file = File.OpenRead(path);
            using var reader = new BinaryReader(file);
            if (reader.ReadUInt32() != Magic)
            {
                throw new InvalidDataException("it is no checkpoint of a promoter");
            }

            if (reader.ReadString() != _options.Fingerprint)
            {
                throw new InvalidDataException("it was made with other features, labels or networks; begin with an empty directory, or go back to those");
            }

            var through = new DateTimeOffset(reader.ReadInt64(), TimeSpan.Zero);
            _scheduled = reader.ReadInt64();
            var priors = new float[reader.ReadInt32()];
            for (var objective = 0; objective < priors.Length; objective++)
            {
                priors[objective] = reader.ReadSingle();
            }

            foreach (var table in _vocabularies.Keys.Order(StringComparer.Ordinal))
            {
                _vocabularies[table].Load(reader);
            }

            Make(priors);
            _trainer!.Load(file);
            return through;
        }
        catch (Exception error) when (error is EndOfStreamException or InvalidDataException or ArgumentException)
        {
            throw new InvalidDataException($"{path}: {error.Message}", error);
        }
    }

    /// <summary>All that it has learned is gone.</summary>
    public void Forget()
    {
        Dispose();
        foreach (var table in _schema.Tables)
        {
            _vocabularies[table.Key] = new LiveVocabulary(table.Key, table.Value);
        }
    }

    public void Dispose()
    {
        _scorer?.Dispose();
        _trainer?.Dispose();
        (_scorer, _trainer) = (null, null);
    }

    private static int[] Rows(LiveExamples examples) => [.. Enumerable.Range(0, examples.Count)];

    private void Make(IReadOnlyList<float> priors)
    {
        Dispose();
        _trainer = new Trainer(_schema, _recommender, priors, _options.Training);
        _scorer = new Scorer(_schema, _recommender, priors, _trainer.Parameters, _options.Training.Threads > 0 ? _options.Training.Threads : Environment.ProcessorCount);
    }

    private void SetWeights(IReadOnlyList<double> reference, IReadOnlyList<double> @base)
    {
        foreach (var (head, weights) in (ReadOnlySpan<(int, IReadOnlyList<double>)>)[(ReferenceHead, reference), (BaseHead, @base)])
        {
            weights.Select(weight => (float)weight).ToArray().CopyTo(_trainer!.Weights(_recommender.Heads[head].Name));
        }
    }

    private void Grow()
    {
        foreach (var vocabulary in _vocabularies.Values)
        {
            vocabulary.Grow();
        }
    }

    // Of what it would return, as the service measures it (docs/calibration.md): what was drawn stands for what it was drawn from, and the best of that,
    // in the share that was returned, for the best. What the base put first does not. Without exploration there is only that.
    internal static Moments MomentsOf(float[] scores, LiveExamples examples)
    {
        var (wanted, taken) = (0.0, 0);
        var best = Enumerable.Range(0, scores.Length).Where(row => examples.Exposures[row].Ranking.Explored).GroupBy(row => examples.Exposures[row].Ranking.Id).SelectMany(rows =>
        {
            // Each was drawn from 1 / propensity; what is no whole item is carried to the next answer.
            var shown = examples.Exposures[rows.First()];
            wanted += rows.Count() * Math.Min(1, shown.Ranking.Items.Count * shown.Item.Propensity);
            var best = rows.Select(row => scores[row]).OrderDescending().Take((int)Math.Floor(wanted - taken + 1e-9)).ToList();
            taken += best.Count;
            return best;
        }).ToArray();
        var moments = Scoring.Calibration.ScoreMoments.Of(best.Length > 1 ? best : scores);
        return moments.Std > 0 && double.IsFinite(moments.Mean) ? new Moments(moments.Mean, moments.Std)
            : throw new BundleException($"scores of mean {moments.Mean} and standard deviation {moments.Std} came, expected finite ones that differ");
    }
}

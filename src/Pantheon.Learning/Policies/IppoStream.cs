using System.Globalization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Training;
using Pantheon.Modeling;

namespace Pantheon.Learning.Policies;

/// <summary>How far a stream is.</summary>
/// <param name="What">What is done.</param>
/// <param name="Done">Share of the whole, 0 to 1.</param>
public sealed record IppoProgress(string What, double Done);

/// <summary>
/// Pantheon section 3.2 over a log. Everything is trained on the first days; then each window of the rest is first scored and judged, and
/// trained on only after that. Base and references are heads on one ranking model, so all of them cost one pass of it. The first base is
/// whatever serves now. The days to test on are never touched: they are for judging what came out.
/// </summary>
public sealed class IppoStream : IDisposable
{
    // The base keeps its weights, not its parameters: one that stood still would be beaten by drift alone.
    private const string BaseHead = "base";

    private readonly Dataset _data;
    private readonly TrainingConfig _config;
    private readonly Incumbent _incumbent;
    private readonly RecommenderOptions _recommender;
    private readonly Trainer _trainer;
    private readonly Scorer _scorer;
    private readonly IppoPolicy[] _policies;
    private readonly RowRange _warmup;
    private bool _isPromoted;

    /// <param name="data">The log, with days to test on.</param>
    /// <param name="config">The heads are the references: of one shape and loss, since any may become the base.</param>
    /// <param name="incumbent">The first base.</param>
    /// <exception cref="DataException">The references differ in shape, or the log is too short for the warm-up and a window.</exception>
    public IppoStream(Dataset data, TrainingConfig config, Incumbent incumbent)
    {
        ArgumentNullException.ThrowIfNull(data);
        ArgumentNullException.ThrowIfNull(config);
        ArgumentNullException.ThrowIfNull(incumbent);
        (_data, _config, _incumbent) = (data, config, incumbent);
        References = config.Model.Heads;
        if (References.Any(head => head.Name == BaseHead || !AreAlike(head, References[0])))
        {
            throw new DataException($"model.heads: {string.Join(", ", References.Select(head => head.Name))} came, expected references of one network and loss, and none named '{BaseHead}': any of them may become the base");
        }

        _warmup = RowsBefore(data, config.Ippo.Warmup);
        Windows = [.. data.Windows(config.Ippo.Window, new RowRange(_warmup.End, data.Test.Start))];
        if (_warmup.Count == 0 || Windows.Count == 0 || data.Test.Count == 0)
        {
            throw new DataException(
                $"ippo.warmup: {config.Ippo.Warmup} came, which leaves {_warmup.Count} exposures to warm up, {Windows.Count} windows and {data.Test.Count} exposures to test; expected some of each");
        }

        Priors = ObjectiveRates.Of(data, _warmup);
        _recommender = config.Model with { Heads = [.. References, References[0] with { Name = BaseHead }] };
        _trainer = new Trainer(data.Schema, _recommender, Priors, config.Training);
        _scorer = new Scorer(data.Schema, _recommender, Priors, _trainer.Parameters, config.Training.ThreadCount);
        double[] equal = [.. Enumerable.Repeat(1.0, data.Schema.Objectives.Count)];
        _policies = [.. References.Select(head => new IppoPolicy(
            head.Name, data.Schema.Objectives, equal, [.. HeadWeights.Of(head, data.Schema.Objectives, Priors, config.Training.Group).Select(weight => (double)weight)], config.Ippo.Policy,
            References.Count))];
    }

    /// <summary>The heads that the base is challenged by.</summary>
    public IReadOnlyList<HeadOptions> References { get; }

    /// <summary>The windows, in order.</summary>
    public IReadOnlyList<TimeWindow> Windows { get; }

    /// <summary>Each objective's rate over the warm-up.</summary>
    public IReadOnlyList<float> Priors { get; }

    /// <summary>What is learned, of <see cref="Winner"/> too.</summary>
    public ParameterBuffers Parameters => _trainer.Parameters;

    /// <summary>The ranking model with the base alone, to publish; null if the incumbent still is the base.</summary>
    public RecommenderOptions? Winner => _isPromoted ? _recommender with { Heads = [_recommender.Heads[^1]] } : null;

    /// <summary>Trains, judges and decides, window by window.</summary>
    /// <param name="journal">Takes every decision as it is made.</param>
    /// <param name="decided">Hears of it too.</param>
    public IppoResult Run(
        JsonLines journal, Action<IppoProgress>? progress = null, Action<IppoDecision>? decided = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(journal);
        // The windows are one pass; the warm-up is as many as a training takes.
        var work = ((double)_warmup.Count * _config.Training.Epochs) + Windows.Sum(window => window.Rows.Count);
        var done = 0.0;
        void Train(TrainingLoop loop, string what, double rows)
        {
            loop.Run(state => progress?.Invoke(new IppoProgress(what, (done + (rows * state.Step / state.Steps)) / work)), cancellation);
            done += rows;
        }

        var loop = new TrainingLoop(_data, _warmup, _trainer, _config.Training);
        Train(loop, "warm-up", (double)_warmup.Count * _config.Training.Epochs);
        var judged = new List<JudgedWindow>();
        foreach (var window in Windows)
        {
            var name = NameOf(window);
            var predictions = _scorer.Score(_data, window.Rows, cancellation);
            var outcome = Judge(name, window.Rows, predictions, journal);
            outcome.Decisions.ToList().ForEach(decision => decided?.Invoke(decision));
            judged.Add(outcome);
            loop = new TrainingLoop(_data, window.Rows, _trainer, _config.Training with { Epochs = 1 }, after: loop);
            Train(loop, name, window.Rows.Count);
        }

        var onTest = _scorer.Score(_data, _data.Test, cancellation);
        return new IppoResult(
            judged, onTest.Pxtrs, (_incumbent.Name, _incumbent.Score(_data.Test, onTest)), _isPromoted ? onTest.Scores[^1] : null,
            [.. References.Select((head, index) => (head.Name, onTest.Scores[index]))]);
    }

    public void Dispose()
    {
        _scorer.Dispose();
        _trainer.Dispose();
    }

    private static RowRange RowsBefore(Dataset data, TimeSpan warmup)
    {
        var end = data.Train.Count == 0 ? 0 : data.Rows(0, ChinaTime.StartOf(ChinaTime.DayOf(data.TimeMs[data.Train.Start])) + (long)warmup.TotalMilliseconds).End;
        return new RowRange(data.Train.Start, Math.Clamp(end, data.Train.Start, data.Test.Start));
    }

    private static string NameOf(TimeWindow window) => string.Create(
        CultureInfo.InvariantCulture, $"{DateTimeOffset.FromUnixTimeMilliseconds(window.StartMs).ToOffset(TimeSpan.FromHours(8)):yyyy-MM-ddTHH:mm}");

    private JudgedWindow Judge(string name, RowRange rows, Predictions predictions, JsonLines journal)
    {
        var exposures = new ScoredExposures(_data, rows);
        var current = _isPromoted ? predictions.Scores[^1] : _incumbent.Score(rows, predictions);
        // A thousand replicates make the standard errors good to some 2 %.
        var report = PairedBootstrap.Compare(
            (BaseHead, Gauc.PerUser(current, exposures.Labels)),
            [.. References.Select((head, index) => (head.Name, Gauc.PerUser(predictions.Scores[index], exposures.Labels)))]);
        var ranking = Gauc.ComputeEach(predictions.Pxtrs, exposures.Labels).Objectives.Select(result => result.Gauc).ToArray();
        int[] users = [.. Enumerable.Range(0, _data.Schema.Objectives.Count).Select(exposures.Labels.RetainedUsers)];
        double[] Gaucs(ScoringReport scoring) => [.. scoring.Gauc.Select(value => value.Value)];
        var windows = report.Scorings.Skip(1).Select(scoring => new IppoWindow(
            name, rows.Count, users, Gaucs(report.Scorings[0]), Gaucs(scoring), ranking, [.. scoring.Gain.Select(gain => gain.StandardError)])).ToList();

        // The one furthest ahead goes first: if it becomes the base, the others have to beat it instead.
        var decisions = new List<IppoDecision>();
        foreach (var index in Enumerable.Range(0, References.Count).OrderByDescending(index => report.Scorings[1 + index].WorstGain.Value))
        {
            var decision = _policies[index].Decide(windows[index]);
            journal.Append(decision);
            decisions.Add(decision);
            decision.After.Reference.Select(weight => (float)weight).ToArray().CopyTo(_trainer.Weights(References[index].Name));
            if (decision.Action == IppoAction.Promote)
            {
                Promote(index);
                break;
            }
        }

        return new JudgedWindow(windows, decisions);
    }

    private void Promote(int reference)
    {
        _trainer.CopyHead(reference, References.Count);
        _isPromoted = true;
        foreach (var other in _policies.Where(policy => policy != _policies[reference]))
        {
            other.Rebase(_policies[reference].BaseWeights);
        }
    }

    private static bool AreAlike(HeadOptions one, HeadOptions other) =>
        one.Loss == other.Loss && one.Network with { Layers = other.Network.Layers } == other.Network && one.Network.Layers.SequenceEqual(other.Network.Layers);
}

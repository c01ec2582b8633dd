using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Search;

/// <summary>A formula and what it reaches.</summary>
/// <param name="Formula">Its text, for <see cref="Onnx.Formulas.FusionFormula"/>.</param>
/// <param name="Family">Its form.</param>
/// <param name="Parameters">One for each objective, as searched.</param>
/// <param name="Gauc">Of each objective.</param>
public sealed record FusionResult(string Formula, FormulaFamily Family, IReadOnlyList<double> Parameters, GaucTable Gauc);

/// <summary>
/// The search that Pantheon's Sec. 2.2 describes: a formula's parameters on logged Pxtrs, by TPE, for the highest
/// <see cref="EvalMetric"/>.
/// </summary>
public sealed class FormulaSearch
{
    private readonly FormulaSpace _space;
    private readonly FormulaScorer _scorer;
    private readonly ObjectiveLabels _labels;
    private readonly EvalMetric _metric;
    private readonly float[] _scores;

    /// <param name="space">The formulas.</param>
    /// <param name="pxtrs">Their Pxtrs of logged rows.</param>
    /// <param name="labels">What came of the same rows; the objectives need not be those of the Pxtrs.</param>
    /// <param name="metric">One weight for each labelled objective.</param>
    /// <exception cref="ArgumentException">Rows or objectives do not fit.</exception>
    public FormulaSearch(FormulaSpace space, PxtrTable pxtrs, ObjectiveLabels labels, EvalMetric metric)
    {
        ArgumentNullException.ThrowIfNull(space);
        ArgumentNullException.ThrowIfNull(pxtrs);
        ArgumentNullException.ThrowIfNull(labels);
        ArgumentNullException.ThrowIfNull(metric);
        if (metric.Weights.Count != labels.Objectives)
        {
            throw new ArgumentException(
                $"{metric.Weights.Count} weights came; expected {labels.Objectives}, one for each objective", nameof(metric));
        }

        _space = space;
        _scorer = space.Scorer(pxtrs.Regrouped(labels.Groups));
        _labels = labels.Regrouped();
        _metric = metric;
        _scores = new float[_scorer.Rows];
    }

    /// <summary>Runs a study of the formulas' space until it has so many trials, and gives its best formula.</summary>
    /// <param name="study">Over the <see cref="FormulaSpace.Space"/> of this search; new or resumed.</param>
    /// <param name="trials">Trials in all; ParaDance's example has 600.</param>
    /// <param name="progress">Called between trials with how many are complete and the best so far, if any succeeded.</param>
    /// <exception cref="StudyException">No trial has a score: an objective of weight has no user with both classes.</exception>
    public FusionResult Run(Study study, int trials, Action<int, CompletedTrial?>? progress = null, CancellationToken cancellation = default)
    {
        ArgumentNullException.ThrowIfNull(study);
        var best = study.Run(
            trials,
            parameters =>
            {
                // The trial at hand is told of once this returns.
                progress?.Invoke(study.Trials.Count, study.Best);
                return _metric.Of(Measure(parameters));
            },
            cancellation) ?? throw new StudyException(
                "no trial has a score; expected of every objective that has a weight users with both classes");
        progress?.Invoke(study.Trials.Count, best);
        return Result(best.Values);
    }

    /// <summary>GAUCs of one formula. Not for several threads at once.</summary>
    /// <param name="parameters">One for each objective.</param>
    public FusionResult Result(IReadOnlyList<double> parameters) =>
        new(_space.Text(parameters), _space.Family, [.. parameters], Measure(parameters));

    private GaucTable Measure(IReadOnlyList<double> parameters)
    {
        _scorer.Score(parameters, _scores);
        return Gauc.Compute(_scores, _labels);
    }
}

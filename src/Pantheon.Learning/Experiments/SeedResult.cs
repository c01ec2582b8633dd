using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Metrics;
using Pantheon.Learning.Search;
using Pantheon.Learning.Training;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Learning.Experiments;

/// <summary>One scoring of the test rows.</summary>
/// <param name="Name">What it is, the same for every seed.</param>
/// <param name="Aucs">Each user's AUCs.</param>
/// <param name="Tau">Kendall's tau-b with each objective's Pxtr, mean over users weighted by exposures; empty for the ranking model.</param>
internal sealed record TestScoring(string Name, UserAucs Aucs, double[] Tau);

/// <summary>What one training and the searches over its Pxtrs came to, on the test days.</summary>
/// <param name="Scorings">The ranking model first, then formulas, then heads.</param>
/// <param name="Formulas">The tuned formulas' texts by name.</param>
/// <param name="Front">For each formula, the best worst-objective gain over it that the fixed fusions reach.</param>
/// <param name="Choices">For each formula, the personal sum whose worst-objective gain over it is highest on the days to validate on.</param>
internal sealed record SeedResult(
    IReadOnlyList<TestScoring> Scorings, IReadOnlyDictionary<string, string> Formulas, IReadOnlyDictionary<string, double> Front,
    IReadOnlyDictionary<string, string> Choices)
{
    public const string Ranking = "Ranking model (ceiling)";
    public const string UnitProduct = "Formula, Eq. 3, unit exponents";
    public const string LogLinear = "Formula, log-linear";
    public const string TunedProduct = "Formula, Eq. 3, tuned";
    public const string TunedLogLinear = "Formula, log-linear, tuned";
    public const string LinearSum = "Linear sum, inverse rates";
    public const string TunedLinear = "Linear sum, tuned";

    /// <summary>Name of the personal sum that was chosen for a formula.</summary>
    public static string ChosenFor(string formula) => $"Personal sum for {formula}";

    public static SeedResult Of(
        ScoredExposures validate, ScoredExposures test, Predictions onValidate, Predictions onTest, IReadOnlyList<string> heads,
        IReadOnlyList<float> inverseRates, ExperimentOptions options, ulong seed, Action<string, double> progress, CancellationToken cancellation)
    {
        var names = test.Objectives;
        var tuning = new PxtrTable(names, onValidate.Pxtrs);
        var pxtrs = new PxtrTable(names, onTest.Pxtrs);
        var scores = new List<(string Name, float[] Validate, float[] Test)>();
        void Add(string name, Func<IReadOnlyList<float[]>, float[]> fusion) => scores.Add((name, fusion(onValidate.Pxtrs), fusion(onTest.Pxtrs)));
        Add(UnitProduct, SimpleFusions.Product);
        Add(LogLinear, SimpleFusions.LogLinear);
        Add(LinearSum, columns => SimpleFusions.Linear(columns, inverseRates));
        var formulas = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, family) in (ReadOnlySpan<(string, FormulaFamily)>)[(TunedProduct, FormulaFamily.OnePlusProduct), (TunedLogLinear, FormulaFamily.LogLinear), (TunedLinear, FormulaFamily.LinearSum)])
        {
            progress(name, 0);
            var space = FormulaSpace.Of(family, tuning);
            var search = new FormulaSearch(space, tuning, validate.Labels, EvalMetric.Equal(names.Count));
            var found = search.Run(new Study(space.Space, new StudyOptions { Seed = seed }), options.Trials, cancellation: cancellation);
            formulas[name] = found.Formula;
            var formula = FusionFormula.Parse(found.Formula, names);
            scores.Add((name, tuning.Score(formula), pxtrs.Score(formula)));
        }

        progress("fixed fusions", 0);
        var front = FixedFusionFront.Sample(
            pxtrs, test.Labels, new FixedFusionOptions(options.FixedFusions / 2, options.FixedFusions / 2) { Seed = seed }, cancellation);
        var gains = scores.ToDictionary(
            scoring => scoring.Name, scoring => front.BestWorstGain(Gauc.Compute(scoring.Test, test.Labels)).WorstGain, StringComparer.Ordinal);
        var leanings = Variants.Leanings.Select(leaning => (Name: leaning, Index: heads.ToList().IndexOf(leaning))).ToList();
        var reached = leanings.Select(leaning => Gauc.Compute(onValidate.Scores[leaning.Index], validate.Labels)).ToList();
        var choices = new Dictionary<string, string>(StringComparer.Ordinal);
        foreach (var (name, onDays, _) in scores.ToList())
        {
            var over = Gauc.Compute(onDays, validate.Labels);
            var (leaning, index) = leanings[Enumerable.Range(0, leanings.Count).MaxBy(choice => reached[choice].WorstGain(over))];
            choices[name] = leaning;
            scores.Add((ChosenFor(name), onValidate.Scores[index], onTest.Scores[index]));
        }

        scores.AddRange(heads.Select((head, index) => (Variants.TitleOf(head), onValidate.Scores[index], onTest.Scores[index])));
        var groups = test.Labels.Groups;
        return new SeedResult(
            [
                new TestScoring(Ranking, Gauc.PerUserEach(onTest.Pxtrs, test.Labels), []),
                .. scores.Select(scoring => new TestScoring(
                    scoring.Name, Gauc.PerUser(scoring.Test, test.Labels),
                    [.. onTest.Pxtrs.Select(pxtr => KendallTau.ComputeGrouped(pxtr, scoring.Test, groups).Tau)])),
            ],
            formulas, gains, choices);
    }
}

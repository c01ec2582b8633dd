using Pantheon.Learning.Metrics;
using Pantheon.Learning.Search;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Learning.Tests.Search;

public sealed class FormulaSpaceTests
{
    private static readonly PxtrWorld World = new(1, 4_000, 50);

    public static TheoryData<FormulaFamily> Families => new(Enum.GetValues<FormulaFamily>());

    [Theory]
    [MemberData(nameof(Families))]
    public void Text_RandomParameters_ScoresAsTheScorerDoes(FormulaFamily family)
    {
        var space = FormulaSpace.Of(family, World.Pxtrs);
        var scorer = space.Scorer(World.Pxtrs);
        using var study = new Study(space.Space, new StudyOptions { StartupTrials = 20 });
        float[] fast = new float[World.Pxtrs.Rows];
        for (int trial = 0; trial < 20; trial++)
        {
            var values = study.Ask().Values;
            var formula = FusionFormula.Parse(space.Text(values), PxtrWorld.Names);
            scorer.Score(values, fast);
            bool product = family is FormulaFamily.OnePlusProduct or FormulaFamily.PowerProduct;
            double scale = space.Scale(values);
            for (int row = 0; row < fast.Length; row++)
            {
                double served = formula.Evaluate([.. World.Pxtrs.Columns.Select(column => (double)column[row])]);
                served = product ? Math.Log(served) / scale : served;
                Assert.Equal(served, fast[row], 1e-5 * Math.Max(1, Math.Abs(served)));
            }
        }
    }

    [Theory]
    [MemberData(nameof(Families))]
    public void Text_AsServed_HasTheGaucsOfTheScorer(FormulaFamily family)
    {
        var search = Search(family);
        var result = search.Result(FormulaSpace.Of(family, World.Pxtrs).Middle());

        var served = Gauc.Compute(World.Pxtrs.Score(FusionFormula.Parse(result.Formula, PxtrWorld.Names)), World.Labels);

        for (int objective = 0; objective < 3; objective++)
        {
            // Rounding to float can turn round a pair of all but equal scores.
            Assert.Equal(served[objective], result.Gauc[objective], 1e-5);
        }
    }

    [Fact]
    public void Text_EachFamily_IsReadable()
    {
        var space = new SearchSpace([new("is_click", -1, 1), new("long view", -1, 1)]);
        string Text(FormulaFamily family) => FormulaSpace.Of(family, space).Text([0.5, -1e-5]);

        Assert.Equal("(1 + is_click)^0.5 * (1 + \"long view\")^-1E-05", Text(FormulaFamily.OnePlusProduct));
        Assert.Equal("max(is_click, 1E-08)^0.5 * max(\"long view\", 1E-08)^-1E-05", Text(FormulaFamily.PowerProduct));
        Assert.Equal("0.5 * log(max(is_click, 1E-08)) + -1E-05 * log(max(\"long view\", 1E-08))", Text(FormulaFamily.LogLinear));
        Assert.Equal("0.5 * is_click + -1E-05 * \"long view\"", Text(FormulaFamily.LinearSum));
        foreach (var family in Enum.GetValues<FormulaFamily>())
        {
            FusionFormula.Parse(Text(family), ["is_click", "long view"]);
        }
    }

    [Theory]
    [InlineData(FormulaFamily.OnePlusProduct)]
    [InlineData(FormulaFamily.PowerProduct)]
    public void Text_HugeExponents_KeepsTheScoreAFloat(FormulaFamily family)
    {
        var space = FormulaSpace.Of(family, new SearchSpace([new("a", -1e6, 1e6), new("b", -1e6, 1e6)]));
        foreach (double[] parameters in (double[][])[[9_000, 20], [-9_000, -20], [1e6, -1e6]])
        {
            var formula = FusionFormula.Parse(space.Text(parameters), ["a", "b"]);
            foreach (double[] pxtrs in (double[][])[[0, 0], [1, 1], [0, 1], [1, 0], [1e-12, 0.5]])
            {
                float score = (float)formula.Evaluate(pxtrs);
                Assert.True(float.IsNormal(score) && score > 0, $"{score} of {formula.Text}");
            }
        }
    }

    [Fact]
    public void Scorer_PxtrOfZero_IsFinite()
    {
        var table = new PxtrTable(["a", "b"], [[0, 1], [0.5f, 0]]);
        float[] scores = new float[2];
        FormulaSpace.Of(FormulaFamily.LogLinear, table).Scorer(table).Score([1, 1], scores);

        Assert.All(scores, score => Assert.True(float.IsFinite(score)));
    }

    [Fact]
    public void Run_CalibratedPxtrs_EqualsOrBeatsTheMiddleAndPaysWhatIsWeighed()
    {
        var space = FormulaSpace.Of(FormulaFamily.LinearSum, World.Pxtrs);
        var search = new FormulaSearch(space, World.Pxtrs, World.Labels, new EvalMetric([1, 0, 0]));
        using var study = new Study(space.Space, new StudyOptions { Initial = [space.Middle()] });

        var best = search.Run(study, 80);

        Assert.Equal(80, study.Trials.Count);
        Assert.Equal(study.Best!.Score, best.Gauc[0]);
        Assert.True(best.Gauc[0] > search.Result(space.Middle()).Gauc[0]);
        // Only clicks count, so clicks' weight is as high beside the others as the ranges let it.
        Assert.True(best.Parameters[0] / space.Middle()[0] > 3 * best.Parameters[1] / space.Middle()[1]);
    }

    [Fact]
    public void Run_ObjectiveWithoutMixedUsers_Throws()
    {
        var labels = ObjectiveLabels.Of(UserGroups.Single(2), [[0, 0]]);
        var table = new PxtrTable(["a"], [[0.1f, 0.2f]]);
        var space = FormulaSpace.Of(FormulaFamily.PowerProduct, table);
        using var study = new Study(space.Space);

        Assert.Throws<StudyException>(() => new FormulaSearch(space, table, labels, EvalMetric.Equal(1)).Run(study, 3));
    }

    [Fact]
    public void EvalMetric_PapersExample_IsWeightedSum()
    {
        var table = new GaucTable(["ctr", "lvtr", "none"], [new(0.6, 0, 1, 1), new(0.7, 0, 1, 1), new(double.NaN, 0, 0, 0)]);

        Assert.Equal((2 * 0.6) + (5 * 0.7), new EvalMetric([2, 5, 0]).Of(table), 1e-12);
        Assert.Equal(double.NaN, EvalMetric.Equal(3).Of(table));
        Assert.Throws<ArgumentException>(() => new EvalMetric([0, 0]));
    }

    [Fact]
    public void New_PxtrIsNoProbability_Throws() => Assert.Throws<ArgumentException>(() => new PxtrTable(["a"], [[1.5f]]));

    private static FormulaSearch Search(FormulaFamily family) =>
        new(FormulaSpace.Of(family, World.Pxtrs), World.Pxtrs, World.Labels, EvalMetric.Equal(3));
}

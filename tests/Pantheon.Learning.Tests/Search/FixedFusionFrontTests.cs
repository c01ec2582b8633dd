using Pantheon.Learning.Metrics;
using Pantheon.Learning.Search;
using Pantheon.Onnx.Formulas;

namespace Pantheon.Learning.Tests.Search;

public sealed class FixedFusionFrontTests
{
    private static readonly PxtrWorld World = new(2, 12_000, 60);
    private static readonly FixedFusionFront Front = FixedFusionFront.Sample(World.Pxtrs, World.Labels, new FixedFusionOptions(60, 60));

    [Fact]
    public void BestWorstGain_AnyFormula_IsTheMaximumOfMinima()
    {
        var formula = Measured("is_click * 0.2 + is_like");
        double expected = Front.Fusions.Max(
            fusion => Enumerable.Range(0, 3).Min(objective => fusion.Gauc[objective] - formula[objective]));

        var gain = Front.BestWorstGain(formula);

        Assert.Equal(expected, gain.WorstGain, 1e-15);
        Assert.Equal(expected, gain.Fusion.Gauc.WorstGain(formula), 1e-15);
    }

    [Fact]
    public void BestWorstGain_FormulaOfAReversedSign_IsFarAboveZero() =>
        Assert.True(Front.BestWorstGain(Measured("-is_click - is_like - `long view`")).WorstGain > 0.1);

    [Fact]
    public void BestWorstGain_OneOfTheFusions_IsAtLeastZero() =>
        Assert.True(Front.BestWorstGain(Front.Fusions[3].Gauc).WorstGain >= 0);

    [Fact]
    public void BestWorstGain_EachPxtrForItsOwnObjective_IsBelowZero() =>
        // True probabilities are the best scores there are; one score cannot be the best for all.
        Assert.True(Front.BestWorstGain(Gauc.ComputeEach([.. World.Pxtrs.Columns], World.Labels)).WorstGain < 0);

    [Fact]
    public void Sample_BothKinds_AreDifferentFormulasThatCanBeRead()
    {
        Assert.Equal(120, Front.Fusions.Count);
        Assert.Equal(60, Front.Fusions.Count(fusion => fusion.Family == FormulaFamily.LinearSum));
        Assert.Equal(120, Front.Fusions.Select(fusion => fusion.Formula).Distinct().Count());
        Assert.All(Front.Fusions, fusion => FusionFormula.Parse(fusion.Formula, PxtrWorld.Names));
    }

    [Fact]
    public void Sample_SameSeed_IsTheSame()
    {
        string[] Drawn(ulong seed) =>
            [.. FixedFusionFront.Sample(World.Pxtrs, World.Labels, new FixedFusionOptions(3, 3, Seed: seed)).Fusions
                .Select(fusion => fusion.Formula)];

        Assert.Equal(Drawn(4), Drawn(4));
        Assert.NotEqual(Drawn(4), Drawn(5));
    }

    private static GaucTable Measured(string formula) =>
        Gauc.Compute(World.Pxtrs.Score(FusionFormula.Parse(formula, PxtrWorld.Names)), World.Labels);
}

using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Conformance.Tests;

/// <summary>Whether an answer to a golden request is the golden answer.</summary>
internal static class GoldenParity
{
    /// <summary>What another CPU's rounding may change.</summary>
    private const double Tolerance = 1e-5;

    public static void Check(DemoModel model, int golden, RankRequest request, RankResponse answer)
    {
        var scores = model.Scores(golden);
        Assert.Equal(request.RequestId, answer.RequestId);
        Assert.Equal((DemoModel.Name, model.Manifest.Version, model.Bundle.Digest), (answer.Model, answer.Version, answer.BundleDigest));
        Assert.Equal(Arm.Base, answer.Arm);
        Assert.Equal(model.Manifest.Objectives, answer.Objectives);
        Assert.Equal(model.Manifest.Calibration is not null, answer.Calibrated);
        Assert.Equal(scores.Length, answer.Candidates);
        Assert.Empty(answer.DroppedPositions);
        Assert.Equal(Enumerable.Range(0, scores.Length), answer.Items.Select(item => item.Position).Order());
        foreach (var item in answer.Items)
        {
            Assert.Equal(request.CandidateIds[item.Position], item.Id);
            Assert.True(item.HasRawScore);
            Assert.Equal(scores[item.Position], item.RawScore, Tolerance);
            Assert.Equal(model.Calibrate(item.RawScore), item.Score, Tolerance);
            var pxtrs = model.Pxtrs(golden, item.Position);
            Assert.Equal(pxtrs.Length, item.Pxtrs.Count);
            Assert.All(pxtrs.Zip(item.Pxtrs), pair => Assert.Equal(pair.First, pair.Second, Tolerance));
        }

        Assert.Equal(answer.Items.OrderByDescending(item => item.RawScore).ThenBy(item => item.Position).Select(item => item.Position), answer.Items.Select(item => item.Position));
        Assert.All(scores.OrderDescending().Zip(answer.Items), pair => Assert.Equal(pair.First, scores[pair.Second.Position], Tolerance));
        Assert.True(answer.Timings.RunSeconds > 0);
    }
}

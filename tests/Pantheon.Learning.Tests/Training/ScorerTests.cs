using System.Runtime.CompilerServices;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Tests.Training;

public sealed class ScorerTests
{
    private static readonly TrainingCase s_case = new(exposures: 700);

    // A scorer that outlived its trainer read parameters that the collector had given to somebody else: IPPO's stale incumbent
    // scored NaN on one seed, and noise on others.
    [Fact]
    public void Score_TrainerIsGone_ReadsTheSameParameters()
    {
        var (scorer, parameters) = Make();
        using (scorer)
        {
            var before = scorer.Score(s_case.Data, s_case.Data.Test);
            Assert.True(parameters.IsAlive);
            GC.Collect();
            GC.WaitForPendingFinalizers();
            GC.Collect();

            Assert.True(parameters.IsAlive);
            var after = scorer.Score(s_case.Data, s_case.Data.Test);
            Assert.Equal(before.Pxtrs, after.Pxtrs);
            Assert.Equal(before.Scores, after.Scores);
        }
    }

    // Not inlined: nothing of the trainer may live on in the caller's frame.
    [MethodImpl(MethodImplOptions.NoInlining)]
    private static (Scorer Scorer, WeakReference Parameters) Make()
    {
        using var trainer = s_case.NewTrainer();
        var scorer = new Scorer(s_case.Data.Schema, TrainingCase.Model, s_case.Priors, trainer.Parameters, threads: 1);
        return (scorer, new WeakReference(trainer.Parameters[trainer.Parameters.Specs[0].Name]));
    }
}

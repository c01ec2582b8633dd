using Pantheon.Learning.Training;
using Pantheon.Modeling;
using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Tests.Training;

public sealed class TrainerTests
{
    private static readonly TrainingCase s_case = new(exposures: 700);

    // Around the step whose batch is not full, and across the end of a pass.
    [Theory]
    [InlineData(1)]
    [InlineData(5)]
    [InlineData(6)]
    [InlineData(8)]
    public void Load_OfATrainingThatWasStopped_GoesOnToTheSameBits(int step)
    {
        using var whole = s_case.NewTrainer();
        var losses = s_case.Train(whole);
        Assert.Equal(18, losses.Count);
        using var first = s_case.NewTrainer();
        using var saved = new MemoryStream();
        var before = s_case.Train(first, until: step);
        first.Save(saved);
        saved.Position = 0;

        // Of another seed: nothing of its own start may remain.
        using var second = s_case.NewTrainer(TrainingCase.Options with { Seed = 99 });
        second.Load(saved);
        Assert.Equal(step, second.Steps);
        var after = s_case.Train(second);

        Assert.Equal(saved.Length, saved.Position);
        Assert.Equal(losses, [.. before, .. after]);
        Assert.Equal(TrainingCase.Bits(whole), TrainingCase.Bits(second));
    }

    [Fact]
    public void Load_AfterWeightsWereChanged_HasThem()
    {
        using var first = s_case.NewTrainer();
        first.Weights("pantheon")[0] = 0.875f;
        using var saved = new MemoryStream();
        first.Save(saved);
        saved.Position = 0;
        using var second = s_case.NewTrainer();

        second.Load(saved);

        Assert.Equal(0.875f, second.Weights("pantheon")[0]);
    }

    [Fact]
    public void Load_OfAnotherNetworkOrCutShort_IsRefused()
    {
        using var first = s_case.NewTrainer();
        using var saved = new MemoryStream();
        first.Save(saved);
        using var other = s_case.NewTrainer(model: TrainingCase.Model with { Ranking = TrainingCase.Model.Ranking with { Experts = 3 } });

        saved.Position = 0;
        Assert.Throws<InvalidDataException>(() => other.Load(saved));
        using var cut = new MemoryStream(saved.ToArray(), 0, 1000);
        Assert.ThrowsAny<Exception>(() => first.Load(cut));
    }

    [Fact]
    public void Train_SameSeedTwice_GivesTheSameBits()
    {
        using var first = s_case.NewTrainer();
        using var second = s_case.NewTrainer();
        using var other = s_case.NewTrainer(TrainingCase.Options with { Seed = 2 });

        Assert.Equal(s_case.Train(first), s_case.Train(second));
        Assert.Equal(TrainingCase.Bits(first), TrainingCase.Bits(second));
        Assert.NotEqual(TrainingCase.Bits(first), TrainingCase.Bits(other));
    }

    // Large enough for ONNX Runtime to divide the work. How it does so follows from the number of threads, not from who is first;
    // another number adds up in another order.
    [Theory]
    [InlineData(2)]
    [InlineData(3)]
    public void Train_OnSeveralThreads_GivesTheSameBitsAgainAndNearlyThoseOfOne(int threads)
    {
        var large = new TrainingCase(exposures: 2500);
        var options = TrainingCase.Options with { BatchSize = 1024 };
        var model = new RecommenderOptions();
        using var one = large.NewTrainer(options, model);
        using var more = large.NewTrainer(options with { Threads = threads }, model);
        using var again = large.NewTrainer(options with { Threads = threads }, model);

        var losses = large.Train(more, options);

        Assert.Equal(losses, large.Train(again, options));
        Assert.Equal(TrainingCase.Bits(more), TrainingCase.Bits(again));
        Assert.All(large.Train(one, options).Zip(losses), pair => Assert.All(pair.First.Zip(pair.Second), loss => Assert.Equal(loss.First, loss.Second, 1e-4f)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    public void Step_OnceWarm_AllocatesNextToNothing(int threads)
    {
        using var trainer = s_case.NewTrainer(TrainingCase.Options with { Threads = threads });
        int[] rows = [.. Enumerable.Range(s_case.Data.Train.Start, trainer.Batch.Capacity)];
        void Steps(int count)
        {
            for (var step = 0; step < count; step++)
            {
                s_case.Data.Fill(rows, trainer.Batch);
                trainer.Step(1000);
            }
        }

        Steps(5);
        var before = GC.GetAllocatedBytesForCurrentThread();
        Steps(50);
        var perStep = (GC.GetAllocatedBytesForCurrentThread() - before) / 50.0;

        // The arrays of handles that a run hands to ONNX Runtime: 8 bytes for the name and 8 for the value of each of some 130.
        Assert.True(perStep < 5_000, $"{perStep} bytes per step");
    }

    // The ids of the last batch were still there, and their rows of the tables got a step of momentum.
    [Fact]
    public void Step_BatchThatIsNotFull_IsNotMovedByWhatItHeldBefore()
    {
        using var clean = s_case.NewTrainer();
        using var used = s_case.NewTrainer();
        foreach (var trainer in (Trainer[])[clean, used])
        {
            s_case.Fill(trainer, 96);
            trainer.Step(10);
            if (trainer == used)
            {
                s_case.Fill(trainer, 96, from: 200);
            }

            s_case.Fill(trainer, 10, from: 100);
            trainer.Step(10);
        }

        Assert.Equal(TrainingCase.Bits(clean), TrainingCase.Bits(used));
    }

    [Fact]
    public void Step_EmptyBatch_IsRefused()
    {
        using var trainer = s_case.NewTrainer();

        Assert.Throws<InvalidOperationException>(() => trainer.Step(10));
    }

    [Fact]
    public void Step_FeatureThatIsNoNumber_IsSkippedAndCountedOnce()
    {
        using var trainer = s_case.NewTrainer();
        s_case.Fill(trainer, 96);
        trainer.Step(10);
        var before = TrainingCase.Bits(trainer);
        var feature = s_case.Data.Schema.Features.ToList().FindIndex(feature => feature is DenseFeature);
        trainer.Batch.Numbers(feature)[3] = float.NaN;

        trainer.Step(10);

        Assert.Equal(before, TrainingCase.Bits(trainer));
        Assert.Equal((2, 1), (trainer.Steps, trainer.SkippedSteps));
        s_case.Fill(trainer, 96, from: 96);
        trainer.Step(10);
        Assert.NotEqual(before, TrainingCase.Bits(trainer));
        Assert.All(trainer.Parameters.Specs, spec => Assert.All(trainer.Parameters[spec.Name], value => Assert.True(float.IsFinite(value))));
        Assert.Equal((3, 1), (trainer.Steps, trainer.SkippedSteps));
    }

    [Fact]
    public void Step_HeadWhoseGradientIsNoNumber_LeavesOutThatHeadOnly()
    {
        using var trainer = s_case.NewTrainer();
        s_case.Fill(trainer, 96);
        trainer.Weights("pantheon")[0] = float.NaN;
        var before = trainer.Parameters.Specs.ToDictionary(spec => spec.Name, spec => trainer.Parameters[spec.Name].ToArray());

        trainer.Step(10);

        Assert.Equal(1, trainer.SkippedSteps);
        Assert.All(
            trainer.Parameters.Specs.Where(spec => spec.Name.StartsWith("pantheon/", StringComparison.Ordinal)), spec => Assert.Equal(before[spec.Name], trainer.Parameters[spec.Name]));
        Assert.NotEqual(before["ranking/gates/bias"], trainer.Parameters["ranking/gates/bias"]);
    }

    [Fact]
    public void Loss_OfTheHead_IsTheWeightedSumOfEq8()
    {
        using var trainer = s_case.NewTrainer();
        trainer.Weights("pantheon")[0] = 0.7f;
        trainer.Weights("pantheon")[1] = 0.3f;
        for (var step = 0; step < 10; step++)
        {
            const int Count = 80;
            s_case.Fill(trainer, Count, from: 40 * step);
            trainer.Step(10);
            var expected = 0.0;
            for (var row = 0; row < Count; row++)
            {
                double score = trainer.Scores(0)[row];
                for (var objective = 0; objective < 2; objective++)
                {
                    var label = trainer.Batch.Labels[(row * 2) + objective];
                    expected -= trainer.Weights("pantheon")[objective] * ((label * Math.Log(score)) + ((1 - label) * Math.Log(1 - score))) / Count;
                }
            }

            Assert.Equal(expected, trainer.Loss(1), 1e-5);
        }
    }
}

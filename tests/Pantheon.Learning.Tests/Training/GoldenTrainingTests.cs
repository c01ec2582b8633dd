using Pantheon.Learning.Optimizers;
using Pantheon.Learning.Training;
using Pantheon.Modeling.Features;
using Pantheon.Modeling.Tests;

namespace Pantheon.Learning.Tests.Training;

/// <summary>Whole trainings against PyTorch 1.13: MMoE or PLE with a Pantheon head, AdamW, SparseAdam, clipped gradients.</summary>
public sealed class GoldenTrainingTests
{
    private static readonly RecommenderGolden s_golden = RecommenderGolden.Instance;

    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Step_FiveTimes_GivesTheLossesOfPyTorch(string variant)
    {
        var golden = s_golden.Variants[variant];
        using var trainer = NewTrainer(variant, s_golden.Weights);
        for (var step = 0; step < s_golden.Batches.Length; step++)
        {
            Fill(trainer, s_golden.Batches[step]);

            trainer.Step(s_golden.Batches.Length);

            for (var part = 0; part < 2; part++)
            {
                Assert.Equal(golden.Losses[step][part], trainer.Loss(part), 1e-5 * Math.Max(1, golden.Losses[step][part]));
            }
        }
    }

    // Sum_m w_m BCE(y_m, s) = BCE(sum_m w_m y_m, s): the second head is told of one objective only, whose label is the soft one.
    [Theory]
    [MemberData(nameof(SmallModel.Variants), MemberType = typeof(SmallModel))]
    public void Step_WeightsOrTheSoftLabel_AreTheSameTraining(string variant)
    {
        using var weighted = NewTrainer(variant, [0.75, 0.25, 1]);
        using var soft = NewTrainer(variant, [1, 1, 1]);
        ((float[])[0.75f, 0.25f, 0]).CopyTo(weighted.Weights("pantheon"));
        ((float[])[0, 0, 1]).CopyTo(soft.Weights("pantheon"));
        foreach (var batch in s_golden.Batches)
        {
            foreach (var trainer in (Trainer[])[weighted, soft])
            {
                Fill(trainer, batch);
                var labels = trainer.Batch.Labels;
                for (var row = 0; row < RecommenderGolden.Rows; row++)
                {
                    labels[(row * 3) + 2] = (0.75f * labels[row * 3]) + (0.25f * labels[(row * 3) + 1]);
                }

                trainer.Step(s_golden.Batches.Length);
            }

            Assert.Equal(weighted.Loss(0), soft.Loss(0), 1e-6f);
            Assert.Equal(weighted.Loss(1), soft.Loss(1), 1e-6f);
        }

        Assert.Contains(weighted.Batch.Labels, label => label is 0.25f or 0.75f);
    }

    private static Trainer NewTrainer(string variant, double[] weights)
    {
        var model = SmallModel.All[variant];
        model = model with { Heads = [model.Heads[0] with { Weights = SmallModel.Schema.Objectives.Zip(weights).ToDictionary() }] };
        var trainer = new Trainer(SmallModel.Schema, model, SmallModel.Priors, new TrainingOptions
        {
            // Two rows more than a batch has.
            BatchSize = RecommenderGolden.Rows + 2,
            Rate = s_golden.Rate,
            WarmupSteps = 0,
            Decay = LearningRateDecay.None,
            TableRate = s_golden.TableRate,
            WeightDecay = s_golden.Decay,
            ClipNorm = s_golden.Clip,
            Threads = 2,
        });
        foreach (var (name, parameter) in s_golden.Variants[variant].Parameters)
        {
            parameter.Values.CopyTo(trainer.Parameters[name], 0);
        }

        return trainer;
    }

    private static void Fill(Trainer trainer, Dictionary<string, double[]> values)
    {
        var batch = trainer.Batch;
        for (var index = 0; index < batch.Schema.Features.Count; index++)
        {
            var feature = batch.Schema.Features[index];
            if (feature is IdFeature or HistoryFeature)
            {
                values[feature.Name].Select(value => (long)value).ToArray().CopyTo(batch.Ids(index), 0);
            }
            else
            {
                values[feature.Name].Select(value => (float)value).ToArray().CopyTo(batch.Numbers(index), 0);
            }
        }

        values["labels"].Select(value => (float)value).ToArray().CopyTo(batch.Labels, 0);
        batch.Count = RecommenderGolden.Rows;
    }
}

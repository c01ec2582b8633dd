using Pantheon.Learning.Experiments;
using Pantheon.Learning.Tests.Data;
using Pantheon.Learning.Tests.Training;
using Pantheon.Learning.Training;

namespace Pantheon.Learning.Tests.Experiments;

public sealed class LearningCurveTests
{
    private const long DayMs = 86_400_000;

    // 2.5 days or so a thousand exposures: eight days to train on.
    private static readonly Learning.Data.Dataset s_data = PlantedLog.Load(90_000);

    [Fact]
    public void Days_ALogOfSomeDays_AreItsLastDaysAndAll()
    {
        var steps = LearningCurve.Days(s_data);

        Assert.Equal(["last 3 days", "last 6 days", "all 8.3 days"], steps.Select(step => step.Name));
        Assert.Equal(s_data.Train.ToArray(), steps[^1].Rows);
        foreach (var (step, days) in steps.Zip([3, 6]))
        {
            var from = s_data.Split.ValidateFromMs - (days * DayMs);
            Assert.Equal(s_data.Train.ToArray().Where(row => s_data.TimeMs[row] >= from), step.Rows);
        }
    }

    [Fact]
    public void Shares_EachOne_HoldsTheOneBeforeAndNothingButTrainingRows()
    {
        var steps = LearningCurve.Shares(s_data, seed: 1);

        Assert.Equal(["10 %", "25 %", "50 %", "100 %"], steps.Select(step => step.Name));
        foreach (var (step, share) in steps.Zip([0.1, 0.25, 0.5, 1]))
        {
            Assert.Equal(share, (double)step.Rows.Length / s_data.Train.Count, 0.02);
            Assert.Equal(step.Rows.Order(), step.Rows);
        }

        for (var index = 1; index < steps.Count; index++)
        {
            Assert.Empty(steps[index - 1].Rows.Except(steps[index].Rows));
        }

        Assert.NotEqual(steps[0].Rows, LearningCurve.Shares(s_data, seed: 2)[0].Rows);
    }

    [Theory]
    [InlineData(RowOrder.Shuffled, 100, 51)]
    [InlineData(RowOrder.Shuffled, 1, 1)]
    [InlineData(RowOrder.Users, 100, 48)]
    [InlineData(RowOrder.Users, 1, 16)]
    public void TrainingOf_FewerRows_TakesSmallerBatchesInWholeGroups(RowOrder order, int rows, int batch)
    {
        var options = LearningCurve.TrainingOf(new TrainingOptions { BatchSize = 512, Order = order, GroupRows = 16 }, rows, all: 1000);

        Assert.Equal(batch, options.BatchSize);
    }
}

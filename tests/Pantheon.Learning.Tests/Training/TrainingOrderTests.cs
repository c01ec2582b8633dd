using Pantheon.Learning.Training;

namespace Pantheon.Learning.Tests.Training;

public sealed class TrainingOrderTests
{
    private static readonly Learning.Data.Dataset s_data = PlantedLog.Load(600);

    [Theory]
    [InlineData(RowOrder.Time)]
    [InlineData(RowOrder.Shuffled)]
    [InlineData(RowOrder.Users)]
    public void Of_EveryPass_TakesEveryRowOnce(RowOrder order)
    {
        var training = new TrainingOrder(s_data, s_data.Train.ToArray(), new TrainingOptions { Order = order, GroupRows = 4, BatchSize = 8 });

        for (var pass = 0; pass < 3; pass++)
        {
            Assert.Equal(Enumerable.Range(s_data.Train.Start, s_data.Train.Count), training.Of(pass).ToArray().Where(entry => entry >= 0).Order());
        }
    }

    [Theory]
    [InlineData(RowOrder.Time)]
    [InlineData(RowOrder.Shuffled)]
    [InlineData(RowOrder.Users)]
    public void Of_SomeRows_TakesTheseAndNoOthers(RowOrder order)
    {
        int[] rows = [.. s_data.Train.ToArray().Where(row => row % 3 == 0)];
        var training = new TrainingOrder(s_data, rows, new TrainingOptions { Order = order, GroupRows = 4, BatchSize = 8 });

        Assert.Equal(rows, training.Of(1).ToArray().Where(entry => entry >= 0).Order());
    }

    [Fact]
    public void Of_Users_GroupsAreOneUsersRowsInTimeAndFillersOfTheSame()
    {
        const int Size = 4;
        var training = new TrainingOrder(s_data, s_data.Train.ToArray(), new TrainingOptions { Order = RowOrder.Users, GroupRows = Size, BatchSize = 8 });

        var groups = training.Of(0).ToArray().Chunk(Size).ToList();

        Assert.All(groups, group =>
        {
            var rows = group.Where(entry => entry >= 0).ToList();
            Assert.NotEmpty(rows);
            Assert.Equal(rows.Order(), rows);
            Assert.Single(group.Select(entry => s_data.UserIndex[entry >= 0 ? entry : ~entry]).Distinct());
        });
        Assert.Contains(groups, group => group.Any(entry => entry < 0));
    }

    [Fact]
    public void Of_SameSeed_IsTheSameOrderAndAnotherPassAnother()
    {
        var options = new TrainingOptions { Seed = 3 };
        var first = new TrainingOrder(s_data, s_data.Train.ToArray(), options).Of(1).ToArray();

        Assert.Equal(first, new TrainingOrder(s_data, s_data.Train.ToArray(), options).Of(1).ToArray());
        Assert.NotEqual(first, new TrainingOrder(s_data, s_data.Train.ToArray(), options).Of(2).ToArray());
        Assert.NotEqual(first, new TrainingOrder(s_data, s_data.Train.ToArray(), options with { Seed = 4 }).Of(1).ToArray());
    }
}

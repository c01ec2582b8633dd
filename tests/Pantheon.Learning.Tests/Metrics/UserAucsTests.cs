using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class UserAucsTests
{
    private static readonly int[] s_users = [0, 0, 0, 1, 1, 2, 2];
    private static readonly byte[] s_labels = [1, 0, 0, 0, 1, 1, 1];

    [Fact]
    public void MeanOf_TwoScorings_IsTheMeanOfTheirGaucs()
    {
        var labels = ObjectiveLabels.Of(UserGroups.Of(s_users), s_labels);
        var first = Gauc.PerUser([3, 2, 1, 1, 2, 0, 0], labels);
        var second = Gauc.PerUser([2, 3, 1, 2, 1, 0, 0], labels);

        var mean = UserAucs.MeanOf([first, second]);

        Assert.Equal((first.Table[0] + second.Table[0]) / 2, mean.Table[0], 1e-12);
        Assert.Equal([0.75, 0.5, double.NaN], mean.Of(0).ToArray());
        Assert.Equal(mean.Table[0], PairedBootstrap.Compare(("mean", mean), []).Scorings[0].Gauc[0].Value, 1e-12);
    }

    [Fact]
    public void MeanOf_OtherLabels_IsRefused()
    {
        var groups = UserGroups.Of(s_users);
        var first = Gauc.PerUser([3, 2, 1, 1, 2, 0, 0], ObjectiveLabels.Of(groups, s_labels));
        var second = Gauc.PerUser([3, 2, 1, 1, 2, 0, 0], ObjectiveLabels.Of(groups, s_labels));

        Assert.Throws<ArgumentException>(() => UserAucs.MeanOf([first, second]));
        Assert.Throws<ArgumentException>(() => UserAucs.MeanOf([]));
    }
}

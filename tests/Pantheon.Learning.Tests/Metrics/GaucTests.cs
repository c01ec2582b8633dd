using Pantheon.Learning.Metrics;

namespace Pantheon.Learning.Tests.Metrics;

public sealed class GaucTests
{
    private const double Tolerance = 1e-12;

    [Fact]
    public void Compute_GoldenRows_EqualsScikitLearnUserByUser()
    {
        var golden = GoldenMetrics.Load().Grouped;

        var table = Gauc.Compute(golden.Scores, golden.LabelBytes, UserGroups.Of(golden.Users));

        Assert.Equal(golden.Results.Length, table.Objectives.Count);
        for (int objective = 0; objective < golden.Results.Length; objective++)
        {
            var expected = golden.Results[objective];
            Assert.Equal(expected.Gauc, table.Objectives[objective].Gauc, Tolerance);
            Assert.Equal(expected.PositivesWeighted, table.Objectives[objective].PositivesWeighted, Tolerance);
            Assert.Equal(expected.UserCoverage, table.Objectives[objective].UserCoverage, Tolerance);
            Assert.Equal(expected.RowCoverage, table.Objectives[objective].RowCoverage, Tolerance);
        }
    }

    [Fact]
    public void Compute_SingleClassUsersAndTies_DropsThemAndCountsHalf()
    {
        // User 0: 2 of 2 pairs in order. User 1: positives only. User 2: no row. User 3: one tie, one pair the wrong way. User 4: none.
        int[] users = [3, 0, 1, 0, 3, 1, 0, 3, 4];
        float[] scores = [5, 1, 9, 3, 5, 2, 2, 7, 0];
        byte[] labels = [1, 0, 1, 1, 0, 1, 0, 0, 0];

        var result = Gauc.Compute(scores, labels, UserGroups.Of(users));

        Assert.Equal(((3 * 1.0) + (3 * 0.25)) / 6, result.Gauc, Tolerance);
        Assert.Equal((1.0 + 0.25) / 2, result.PositivesWeighted, Tolerance);
        Assert.Equal(2 / 4.0, result.UserCoverage, Tolerance);
        Assert.Equal(6 / 9.0, result.RowCoverage, Tolerance);
    }

    [Fact]
    public void Compute_PositivesDifferBetweenUsers_WeightsDiffer()
    {
        int[] users = [0, 0, 0, 0, 1, 1];
        float[] scores = [1, 2, 3, 4, 2, 1];
        byte[] labels = [0, 1, 1, 1, 0, 1];

        var result = Gauc.Compute(scores, labels, UserGroups.Of(users));

        Assert.Equal(4 / 6.0, result.Gauc, Tolerance);
        Assert.Equal(3 / 4.0, result.PositivesWeighted, Tolerance);
    }

    [Fact]
    public void Compute_NoUserHasBothClasses_IsNaN()
    {
        var result = Gauc.Compute([1, 2], [0, 1], UserGroups.Of([0, 1]));

        Assert.Equal(double.NaN, result.Gauc);
        Assert.Equal(0, result.UserCoverage);
    }

    [Theory]
    [InlineData(1, 300, 20, 0)]
    [InlineData(2, 300, 20, 6)]
    [InlineData(3, 2_000, 3, 0)]
    [InlineData(4, 2_000, 300, 4)]
    public void Compute_RandomRows_EqualsCountOfPairs(int seed, int rows, int users, int levels)
    {
        var data = new RandomRows(seed, rows, users, levels, 0.5, 0.1);

        var table = Gauc.Compute(data.Scores, data.Labels, UserGroups.Of(data.Users));

        for (int objective = 0; objective < 2; objective++)
        {
            var (expected, byPositives) = PairOracle.Gauc(data.Users, data.Scores, data.Labels[objective]);
            Assert.Equal(expected, table[objective], Tolerance);
            Assert.Equal(byPositives, table.Objectives[objective].PositivesWeighted, Tolerance);
        }
    }

    [Fact]
    public void Compute_ManyChunks_IsBitwiseTheSameInAnyOrderOfRows()
    {
        var data = new RandomRows(9, 120_000, 4_000, 0, 0.5, 0.2, 0.01);
        var groups = UserGroups.Of(data.Users);
        var labels = ObjectiveLabels.Of(groups, data.Labels);
        Assert.True(groups.ChunkCount > 4);

        var table = Gauc.Compute(data.Scores, labels);
        var regrouped = Gauc.Compute(groups.Gather<float>(data.Scores), labels.Regrouped());

        Assert.True(regrouped.Objectives.SequenceEqual(table.Objectives));
        for (int objective = 0; objective < 3; objective++)
        {
            var alone = Gauc.Compute(data.Scores, data.Labels[objective], groups);
            Assert.Equal(alone, table.Objectives[objective]);
        }
    }

    [Fact]
    public void Compute_MonotoneTransform_ChangesNothing()
    {
        var data = new RandomRows(10, 5_000, 100, 100, 0.3, 0.05);
        var labels = ObjectiveLabels.Of(UserGroups.Of(data.Users), data.Labels);
        float[] transformed = [.. data.Scores.Select(score => MathF.Exp(3 * score) - 100)];

        Assert.True(Gauc.Compute(data.Scores, labels).Objectives.SequenceEqual(Gauc.Compute(transformed, labels).Objectives));
    }

    [Fact]
    public void ComputeEach_SameScoreForAll_EqualsOneScore()
    {
        var data = new RandomRows(11, 30_000, 900, 50, 0.3, 0.05);
        var labels = ObjectiveLabels.Of(UserGroups.Of(data.Users), data.Labels);

        Assert.True(
            Gauc.ComputeEach([data.Scores, data.Scores], labels).Objectives
                .SequenceEqual(Gauc.Compute(data.Scores, labels).Objectives));
    }

    [Fact]
    public void PerUser_RandomRows_WeightedMeanIsGauc()
    {
        var data = new RandomRows(12, 4_000, 200, 0, 0.3, 0.05);
        var labels = ObjectiveLabels.Of(UserGroups.Of(data.Users), data.Labels);
        var aucs = Gauc.PerUser(data.Scores, labels);
        int[] exposures = new int[labels.Groups.Count];
        foreach (int user in data.Users)
        {
            exposures[user]++;
        }

        for (int objective = 0; objective < 2; objective++)
        {
            double sum = 0;
            double weight = 0;
            for (int user = 0; user < exposures.Length; user++)
            {
                if (aucs.Of(objective)[user] is var auc && !double.IsNaN(auc))
                {
                    sum += auc * exposures[user];
                    weight += exposures[user];
                }
            }

            Assert.Equal(sum / weight, aucs.Table[objective], Tolerance);
        }
    }

    [Fact]
    public void Compute_LabelsMadeBefore_AllocatesNoMoreThanItsResult()
    {
        var data = new RandomRows(13, 5_000, 100, 0, 0.3, 0.05);
        var labels = ObjectiveLabels.Of(UserGroups.Of(data.Users), data.Labels);
        Gauc.Compute(data.Scores, labels);

        long before = GC.GetAllocatedBytesForCurrentThread();
        for (int repeat = 0; repeat < 10; repeat++)
        {
            Gauc.Compute(data.Scores, labels);
        }

        Assert.InRange((GC.GetAllocatedBytesForCurrentThread() - before) / 10, 1, 1_000);
    }

    [Fact]
    public void Compute_ScoreOfRetainedUserIsNaN_Throws() =>
        Assert.Throws<ArgumentException>(() => Gauc.Compute([1, float.NaN], [0, 1], UserGroups.Of([0, 0])));

    [Fact]
    public void Compute_OtherNumberOfRows_Throws() =>
        Assert.Throws<ArgumentException>(() => Gauc.Compute([1f, 2, 3], ObjectiveLabels.Of(UserGroups.Of([0, 0]), [[0, 1]])));

    [Fact]
    public void Of_NegativeUser_Throws() => Assert.Throws<ArgumentException>(() => UserGroups.Of([0, -1]));

    [Fact]
    public void Of_TooManyObjectives_Throws()
    {
        byte[][] labels = [.. Enumerable.Range(0, ObjectiveLabels.MaximumObjectives + 1).Select(_ => new byte[1])];

        Assert.Throws<ArgumentException>(() => ObjectiveLabels.Of(UserGroups.Single(1), labels));
    }

    [Fact]
    public void Compute_AllThirtyTwoObjectives_EachHasItsBit()
    {
        int[] users = new int[33];
        float[] scores = [.. Enumerable.Range(0, 33).Select(row => (float)row)];
        byte[][] labels = [.. Enumerable.Range(0, 32).Select(objective => new byte[33])];
        for (int objective = 0; objective < 32; objective++)
        {
            labels[objective][objective] = 1;
        }

        var table = Gauc.Compute(scores, labels, UserGroups.Of(users));

        for (int objective = 0; objective < 32; objective++)
        {
            Assert.Equal(objective / 32.0, table[objective], Tolerance);
        }
    }

    [Fact]
    public void WorstGain_OneObjectiveLower_IsItsLoss()
    {
        var low = new GaucTable(["a", "b"], [new GaucResult(0.5, 0, 1, 1), new GaucResult(0.7, 0, 1, 1)]);
        var high = new GaucTable(["a", "b"], [new GaucResult(0.6, 0, 1, 1), new GaucResult(0.65, 0, 1, 1)]);

        Assert.Equal(-0.05, high.WorstGain(low), Tolerance);
        Assert.Equal(0.625, high.Mean, Tolerance);
    }
}

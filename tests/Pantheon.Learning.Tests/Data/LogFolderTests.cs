using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

public sealed class LogFolderTests
{
    [Fact]
    public void Open_KuaiRandNames_FindsAllPartsInOrderAndPassesOverStatistics()
    {
        using var folder = new TestFolder();
        foreach (var name in new[]
        {
            "log_standard_4_22_to_5_08_1k.csv", "log_standard_4_08_to_4_21_1k.csv.gz", "log_random_4_22_to_5_08_1k.csv",
            "user_features_1k.csv", "video_features_basic_1k.csv.gz", "video_features_statistic_1k.csv", "readme.txt",
        })
        {
            folder.Write(name, Exposure.Header + "\n");
        }

        var found = LogFolder.Open(folder.Path);

        Assert.Equal(
            ["log_random_4_22_to_5_08_1k.csv", "log_standard_4_08_to_4_21_1k.csv.gz", "log_standard_4_22_to_5_08_1k.csv"],
            found.Logs.Select(Path.GetFileName));
        Assert.Equal(["user_features_1k.csv"], found.Users.Select(Path.GetFileName));
        Assert.Equal(["video_features_basic_1k.csv.gz"], found.Videos.Select(Path.GetFileName));
    }

    [Fact]
    public void Open_NoLog_SaysWhatIsExpected()
    {
        using var folder = new TestFolder();
        folder.Write("user_features_pure.csv", Tables.UserHeader + "\n");

        var error = Assert.Throws<DataException>(() => LogFolder.Open(folder.Path));

        Assert.Contains("no log among 1 tables; expected log_*.csv", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_NoFolder_SaysSo()
    {
        using var folder = new TestFolder();

        var error = Assert.Throws<DataException>(() => LogFolder.Open(Path.Combine(folder.Path, "none")));

        Assert.Contains("no such folder", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_FilePlainAndCompressed_IsRefused()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", Exposure.Header + "\n");
        folder.Write("log_a.csv.gz", Exposure.Header + "\n");

        var error = Assert.Throws<DataException>(() => LogFolder.Open(folder.Path));

        Assert.Contains("log_a.csv: also there as .gz", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Open_OtherNameWithLogColumnsAndLabel_TakesItAsTheExtract()
    {
        using var folder = new TestFolder();
        folder.Write("processed.csv", "user_id\tvideo_id\ttime_ms\tlabel\n");
        folder.Write("other.csv", "a,b\n");

        var found = LogFolder.Open(folder.Path);

        Assert.Equal(["processed.csv"], found.Logs.Select(Path.GetFileName));
        Assert.Same(DatasetOptions.KuaiRandExtract, found.DefaultOptions);
    }
}

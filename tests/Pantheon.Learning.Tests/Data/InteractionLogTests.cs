using System.Globalization;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

public sealed class InteractionLogTests
{
    private const string Small = "user_id,video_id,time_ms,is_click\n";

    [Fact]
    public void Load_AwkwardButReadable_ReadsEveryRow()
    {
        using var folder = new TestFolder();
        folder.Write(
            "log_a.csv",
            "\uFEFF\"user_id\",extra,video_id,time_ms,is_click,tab,duration_ms,is_rand\r\n"
            + "1,\"a, \"\"b\"\"\",10.0,1649400000000,1,3.0,,1\r\n"
            + "\r\n"
            + "\"2\",,-11,1649400000001.00,0.0,,nan,0,\r\n"
            + "3,x,12,1649400000002,\"1\",5,7.0,0");

        var log = Load(folder);

        Assert.Equal(["is_click"], log.Objectives);
        Assert.Empty(log.Report.BadRows);
        Assert.Equal([1, 2, 3], log.UserIds);
        Assert.Equal([10, -11, 12], log.VideoIds);
        Assert.Equal([1649400000000, 1649400000001, 1649400000002], log.TimeMs.ToArray());
        Assert.Equal([1, 0, 1], log.Labels(0).ToArray());
        Assert.Equal([3, InteractionLog.NoTab, 5], Enumerable.Range(0, 3).Select(log.TabOf));
        Assert.Equal([0, 0, 7], Enumerable.Range(0, 3).Select(log.DurationMsOf));
        Assert.Equal([true, false, false], Enumerable.Range(0, 3).Select(log.IsRandom));
        Assert.Equal(14, log.HourOf(0));
    }

    [Fact]
    public void Load_HourMinute_IsTakenBeforeTheTime()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", "user_id,video_id,time_ms,is_click,hourmin\n1,1,1649400000000,1,2300\n1,1,1649400000001,1,\n");

        var log = Load(folder);

        Assert.Equal([23, 14], Enumerable.Range(0, 2).Select(log.HourOf));
    }

    [Theory]
    [InlineData("1,2,3", "3 fields, expected 4")]
    [InlineData("1,2,3,1,5", "5 fields, expected 4")]
    [InlineData("x,2,3,1", "user_id is \"x\", expected an integer")]
    [InlineData("1,,3,1", "video_id is \"\", expected an integer")]
    [InlineData("1,2,3.5,1", "time_ms is \"3.5\", expected an integer")]
    [InlineData("1,2,-3,1", "time_ms is -3, expected milliseconds since 1970")]
    [InlineData("1,2,3,2", "is_click is \"2\", expected 0 or 1")]
    [InlineData("1,2,3,", "is_click is \"\", expected 0 or 1")]
    [InlineData("1,2,3,\"1", "a quoted field does not end on its line")]
    public void Load_BadRow_IsLeftOutAndReportedByLine(string line, string reason)
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", Small + string.Concat(Enumerable.Repeat("1,2,3,1\n", 20)) + line + "\n1,2,3,0\n");

        var log = Load(folder);

        Assert.Equal(21, log.Count);
        Assert.Equal([new BadRow("log_a.csv", 22, reason)], log.Report.BadRows);
        Assert.Equal(22, log.Report.Files[0].Rows);
        Assert.Equal(1, log.Report.Files[0].Bad);
    }

    [Fact]
    public void Load_ManyBadRowsInALongFile_KeepsTheFirstTwentyWithTheirLines()
    {
        using var folder = new TestFolder();
        // Some 3 MB, so that blocks end inside; every 50th row is bad.
        var lines = Enumerable.Range(0, 100_000).Select(row => row % 50 == 49 ? "bad" : $"{row % 7},{row % 11},164940000{row:0000},1");
        folder.Write("log_a.csv.gz", Small + string.Join("\r\n", lines));

        var log = Load(folder, new DatasetOptions { Threads = 3 });

        Assert.Equal(98_000, log.Count);
        Assert.Equal(2_000, log.Report.Files[0].Bad);
        Assert.Equal(Enumerable.Range(1, 20).Select(number => (number * 50L) + 1), log.Report.BadRows.Select(row => row.Line));
    }

    [Fact]
    public void Load_MostlyBad_IsRefusedWithTheFirstRows()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", Small + string.Concat(Enumerable.Repeat("1,2,3,1\n", 10)) + "1;2;3;1\n");

        var error = Assert.Throws<DataException>(() => Load(folder));

        Assert.Equal(
            "log_a.csv: 1 of 11 rows cannot be read, expected at most 5%; the first: line 12: 1 fields, expected 4", error.Message);
    }

    [Fact]
    public void Load_NoSuchColumn_NamesFileAndColumn()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", Small + "1,2,3,1\n");

        var error = Assert.Throws<DataException>(() => Load(folder, Objectives("is_like")));

        Assert.Equal("log_a.csv: no column 'is_like'; expected it beside user_id, video_id, time_ms, is_click", error.Message);
    }

    [Theory]
    [InlineData("play_time_ms")]
    [InlineData("comment_stay_time")]
    [InlineData("is_rand")]
    public void Load_AmountAsObjective_IsRefused(string column)
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", Small + "1,2,3,1\n");

        Assert.Throws<DataException>(() => Load(folder, Objectives(column)));
    }

    [Fact]
    public void Load_DoubledColumn_IsRefused()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", "user_id,video_id,time_ms,user_id,is_click\n");

        Assert.Contains("'user_id' comes twice", Assert.Throws<DataException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_HeaderOnly_IsRefused()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv.gz", Small.TrimEnd());

        Assert.Contains("no exposures left of 0 rows", Assert.Throws<DataException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData(0.1)]
    [InlineData(0.5)]
    [InlineData(0.999)]
    public void Load_GzipCutOff_IsRefused(double share)
    {
        using var folder = new TestFolder();
        var random = new Random(3);
        var path = folder.Write(
            "log_a.csv.gz",
            Small + string.Concat(Enumerable.Range(0, 50_000).Select(_ => $"{random.Next(99)},{random.Next(99)},{random.Next()},1\n")));
        var bytes = File.ReadAllBytes(path);
        File.WriteAllBytes(path, bytes[..(int)(bytes.Length * share)]);

        var error = Assert.Throws<DataException>(() => Load(folder));

        Assert.StartsWith("log_a.csv.gz: ", error.Message, StringComparison.Ordinal);
        Assert.EndsWith("gzip file", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_NoGzip_IsRefused()
    {
        using var folder = new TestFolder();
        File.WriteAllText(Path.Combine(folder.Path, "log_a.csv.gz"), Small + "1,2,3,1\n");

        Assert.Contains("damaged or no gzip", Assert.Throws<DataException>(() => Load(folder)).Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_GzipInSeveralMembers_ReadsAll()
    {
        using var folder = new TestFolder();
        var first = File.ReadAllBytes(folder.Write("a.gz", Small + "1,2,3,1\n"));
        var second = File.ReadAllBytes(folder.Write("b.gz", "1,2,4,0\n"));
        File.WriteAllBytes(Path.Combine(folder.Path, "log_a.csv.gz"), [.. first, .. second]);

        Assert.Equal([3, 4], Load(folder).TimeMs.ToArray());
    }

    [Fact]
    public void Load_SeveralFilesOutOfOrder_SortsByTimeThenFileThenLine()
    {
        using var folder = new TestFolder();
        folder.Write("log_b.csv", Small + "1,20,5,0\n1,21,3,0\n1,22,5,0\n");
        folder.Write("log_a.csv", Small + "1,10,5,0\n1,11,9,0\n1,12,5,0\n1,13,1,0\n");

        var log = Load(folder);

        Assert.Equal([1, 3, 5, 5, 5, 5, 9], log.TimeMs.ToArray());
        Assert.Equal([13, 21, 10, 12, 20, 22, 11], log.VideoIndex.ToArray().Select(video => log.VideoIds[video]));
    }

    [Fact]
    public void Load_RandomRows_AgreesWithASimpleReader()
    {
        using var folder = new TestFolder();
        var random = new Random(11);
        List<(long User, long Video, long Time, int Click)> expected = [];
        var text = new System.Text.StringBuilder("time_ms,pad,is_click,video_id,user_id\n");
        for (var row = 0; row < 60_000; row++)
        {
            var entry = (User: random.NextInt64(), Video: random.Next(-5, 500), Time: random.Next(20_000), Click: random.Next(2));
            expected.Add(entry);
            var pad = new string('x', random.Next(0, 60));
            var quoted = random.Next(3) == 0 ? $"\"{pad},\"\"\"" : pad;
            var fraction = random.Next(4) == 0 ? ".0" : "";
            text.Append(CultureInfo.InvariantCulture, $"{entry.Time}{fraction},{quoted},{entry.Click},");
            text.Append(CultureInfo.InvariantCulture, $"\"{entry.Video}{fraction}\",{entry.User}");
            text.Append(random.Next(2) == 0 ? "\n" : "\r\n");
        }

        folder.Write("log_a.csv", text.ToString());

        var log = Load(folder, new DatasetOptions { Threads = 2 });

        var came = Enumerable.Range(0, log.Count)
            .Select(row => (log.UserIds[log.UserIndex[row]], log.VideoIds[log.VideoIndex[row]], log.TimeMs[row], (int)log.Labels(0)[row]));
        Assert.Equal(expected.OrderBy(entry => entry.Time), came);
    }

    [Theory]
    [InlineData("log_a.csv")]
    [InlineData("log_a.csv.gz")]
    public void Load_MutatedFile_EndsInALogOrADataException(string name)
    {
        using var folder = new TestFolder();
        var path = folder.Write(name, string.Join('\n', RandomLog.Exposures(1, 40).Select(row => row.ToLine()).Prepend(Exposure.Header)));
        var original = File.ReadAllBytes(path);
        var random = new Random(2);
        var refused = 0;
        for (var round = 0; round < 400; round++)
        {
            var bytes = original.ToList();
            for (var change = random.Next(1, 4); change > 0; change--)
            {
                var at = random.Next(bytes.Count);
                switch (random.Next(4))
                {
                    case 0:
                        bytes[at] = (byte)random.Next(256);
                        break;
                    case 1:
                        bytes.RemoveRange(at, Math.Min(random.Next(1, 9), bytes.Count - at));
                        break;
                    case 2:
                        bytes.InsertRange(at, bytes[at..Math.Min(at + 20, bytes.Count)]);
                        break;
                    default:
                        bytes.Insert(at, (byte)",\"\n\r\t-.\0"[random.Next(8)]);
                        break;
                }
            }

            File.WriteAllBytes(path, [.. bytes]);
            try
            {
                Load(folder, new DatasetOptions { Threads = 1 });
            }
            catch (DataException)
            {
                refused++;
            }
        }

        Assert.True(refused > 0);
    }

    [Fact]
    public void Load_Finish_IsPlayedToTheEndOfAKnownLength()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv",
        [
            new(1, 1, 1, "is_click") { DurationMs = 100, PlayTimeMs = 100 }, new(1, 1, 2) { DurationMs = 100, PlayTimeMs = 99 },
            new(1, 1, 3) { DurationMs = 0, PlayTimeMs = 50 },
        ]);

        var log = Load(folder, Objectives("finish", "is_click"));

        Assert.Equal([1, 0, 0], log.Labels(0).ToArray());
        Assert.Equal([1, 0, 0], log.Labels(1).ToArray());
    }

    [Fact]
    public void Load_KeepWhere_LeavesOtherRowsOutWithoutCallingThemBad()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", "user_id,video_id,time_ms,is_click,label\n1,1,1,1,0\n1,2,2,1,1\n1,3,3,0,\n");

        var log = Load(folder, new DatasetOptions { KeepWhere = new RowFilter("label", 1) });

        Assert.Equal([2], log.VideoIds);
        Assert.Empty(log.Report.BadRows);
        Assert.Equal(3, log.Report.Files[0].Rows);
    }

    [Fact]
    public void Load_KeepUserOneIn_KeepsAllOrNothingOfAUser()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", Enumerable.Range(0, 4000).Select(row => new Exposure(row % 1000, 1, row)));

        var log = Load(folder, new DatasetOptions { Features = new FeatureOptions { KeepUserOneIn = 4 } });

        Assert.InRange(log.UserIds.Count, 200, 300);
        Assert.Equal(log.UserIds.Count * 4, log.Count);
    }

    [Fact]
    public void Load_Progress_RisesToTheEnd()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", Enumerable.Range(0, 60_000).Select(row => new Exposure(row % 10, 1, row)));
        List<LoadProgress> reports = [];

        Load(folder, new DatasetOptions { Threads = 2, Progress = reports.Add });

        Assert.True(reports.Count > 1);
        Assert.Equal(reports.OrderBy(report => report.BytesRead), reports);
        Assert.Equal(reports[^1].BytesTotal, reports[^1].BytesRead);
    }

    [Fact]
    public void Load_Cancelled_Stops()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 1)]);

        Assert.Throws<OperationCanceledException>(
            () => InteractionLog.Load(LogFolder.Open(folder.Path), new DatasetOptions(), new CancellationToken(canceled: true)));
    }

    private static DatasetOptions Objectives(params string[] names) => new() { Features = new FeatureOptions { Objectives = names } };

    private static InteractionLog Load(TestFolder folder, DatasetOptions? options = null) =>
        InteractionLog.Load(LogFolder.Open(folder.Path), options ?? new DatasetOptions());
}

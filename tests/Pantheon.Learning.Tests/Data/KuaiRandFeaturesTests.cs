using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Tests.Data;

public sealed class KuaiRandFeaturesTests
{
    private const long Start = RandomLog.StartMs;
    private const long Minute = 60_000;

    private static readonly DatasetOptions s_all = new()
    {
        Split = new TimeSplit(0, long.MaxValue, long.MaxValue, long.MaxValue),
        Features = new FeatureOptions { MinCount = 1, CounterRefresh = CounterRefresh.AtOnce, Objectives = ["is_click", "is_like", "long_view"], HistoryLength = 3 },
    };

    [Fact]
    public void Features_HandMadeLog_AreThoseWorkedOutByHand()
    {
        using var folder = new TestFolder();
        folder.Write("user_features_x.csv", string.Join('\n', Tables.UserHeader, Tables.User(7, fans: "0"), Tables.User(8, feature4: "")));
        folder.Write("video_features_basic_x.csv", string.Join('\n',
            Tables.VideoHeader,
            Tables.Video(1, 50, "12,5", "2022-04-07"),
            Tables.Video(2, 50, "12", "2022-04-09"),
            Tables.Video(3, 51, "", "", "")));
        folder.WriteLog("log_a.csv",
        [
            new(7, 1, Start, "is_click", "long_view"),
            new(7, 2, Start + (10 * Minute), "is_click"),
            new(8, 1, Start + (15 * Minute), "is_like"),
            new(7, 1, Start + (20 * Minute), "is_click", "is_like", "long_view"),
            new(7, 3, Start + (51 * Minute)) { Tab = 4 },
            new(7, 2, Start + (25 * 60 * Minute)),
        ]);

        var dataset = folder.Load(s_all);

        // 8 April, 10:00 in China, is 34 hours after 7 April began.
        Expect(dataset, 0, "user_counts", 0, 0, 0, 0);
        Expect(dataset, 0, "video_counts", 0, 0, 0, 0);
        Expect(dataset, 0, "user_recency", 0, 2_592_000, 0);
        Expect(dataset, 0, "video_shape", 20, 34 / 24f);
        ExpectIds(dataset, 0, "recent_video_id", -1, -1, -1);
        ExpectIds(dataset, 0, "recent_feedback", 0, 0, 0);
        ExpectIds(dataset, 0, "hour", 10);

        Expect(dataset, 2, "user_counts", 0, 0, 0, 0);
        Expect(dataset, 2, "video_counts", 1, 1, 0, 1);
        Expect(dataset, 2, "author_counts", 2, 2, 0, 1);
        Expect(dataset, 2, "user_author_counts", 0, 0, 0, 0);

        Expect(dataset, 3, "user_counts", 2, 2, 0, 1);
        Expect(dataset, 3, "video_counts", 2, 1, 1, 1);
        Expect(dataset, 3, "author_counts", 3, 2, 1, 1);
        Expect(dataset, 3, "user_author_counts", 2, 2, 0, 1);
        Expect(dataset, 3, "user_tag_counts", 2, 2, 0, 1);
        Expect(dataset, 3, "user_video_counts", 1, 1, 0, 1);
        Expect(dataset, 3, "user_recency", 2, 600, 2);
        ExpectIds(dataset, 3, "recent_video_id", 1, -1, -1);

        // A pause of 31 minutes began a new session; video 3 has an author, but no tag, length or day.
        Expect(dataset, 4, "user_recency", 0, 1860, 3);
        Expect(dataset, 4, "video_shape", 10, 0);
        Expect(dataset, 4, "user_tag_counts", 0, 0, 0, 0);
        ExpectIds(dataset, 4, "tag", -1);
        ExpectIds(dataset, 4, "tab", 4);
        ExpectIds(dataset, 4, "recent_video_id", 1, 1, -1);
        ExpectIds(dataset, 4, "recent_author_id", 50, 50, -1);
        ExpectIds(dataset, 4, "recent_tag", 12, 12, -1);
        ExpectIds(dataset, 4, "recent_feedback", 8, 6, 0);

        // A day and an hour after the first: three exposures, at 10, 20 and 51 minutes, are older than 24 hours too.
        Expect(dataset, 5, "user_recency", 0, 1449 * 60, 0);
        Expect(dataset, 5, "user_counts", 4, 3, 1, 2);
        Expect(dataset, 5, "video_shape", 20, (34 + 25 - 48) / 24f);
        Assert.Equal(["0"], dataset.Raw(0)["fans_user_num_range"].Texts!);
        Assert.Equal(["[10,100)"], dataset.Raw(2)["fans_user_num_range"].Texts!);
        ExpectIds(dataset, 2, "onehot_feat4", -1);
        ExpectIds(dataset, 0, "onehot_feat4", 1);
    }

    [Theory]
    [InlineData(1, 0, CounterRefresh.AtOnce)]
    [InlineData(2, 0, CounterRefresh.AtOnce)]
    [InlineData(3, 30, CounterRefresh.AtOnce)]
    [InlineData(4, 3600, CounterRefresh.AtOnce)]
    [InlineData(5, 0, CounterRefresh.Daily)]
    [InlineData(6, 0, CounterRefresh.Daily)]
    [InlineData(7, 50_000, CounterRefresh.Daily)]
    public void Features_RandomLog_AgreeWithTheirDefinition(int seed, int delaySeconds, CounterRefresh refresh)
    {
        var exposures = RandomLog.Exposures(seed, 500);
        using var folder = new TestFolder();
        RandomLog.WriteTables(folder);
        folder.WriteLog("log_a.csv", exposures);
        var (first, last) = (exposures[0].TimeMs, exposures[^1].TimeMs);
        var split = TimeSplit.ByShare(first, last, train: 0.5, validate: 0.3);

        var dataset = folder.Load(s_all with { Split = split, Features = s_all.Features with { FeedbackDelay = TimeSpan.FromSeconds(delaySeconds), CounterRefresh = refresh } });

        for (var row = 0; row < exposures.Count; row++)
        {
            var now = exposures[row];
            var judged = now.TimeMs >= split.TestFromMs ? split.TestFromMs : now.TimeMs >= split.ValidateFromMs ? split.ValidateFromMs : long.MaxValue;
            var known = exposures.Where(other => other.TimeMs + (delaySeconds * 1000) < now.TimeMs
                && (refresh == CounterRefresh.AtOnce || (other.TimeMs < judged && ChinaTime.DayOf(other.TimeMs) < ChinaTime.DayOf(now.TimeMs)))).ToArray();
            var own = known.Where(other => other.User == now.User).ToArray();
            Expect(dataset, row, "user_counts", Count(own));
            Expect(dataset, row, "video_counts", Count(known.Where(other => other.Video == now.Video)));
            Expect(dataset, row, "author_counts", Count(known.Where(other => Author(now) >= 0 && Author(other) == Author(now))));
            Expect(dataset, row, "user_author_counts", Count(own.Where(other => Author(now) >= 0 && Author(other) == Author(now))));
            Expect(dataset, row, "user_tag_counts", Count(own.Where(other => Tag(now) >= 0 && Tag(other) == Tag(now))));
            Expect(dataset, row, "user_video_counts", Count(own.Where(other => other.Video == now.Video)));

            var recent = own.Where(other => other.Positives.Intersect(["is_like", "long_view"]).Any()).Reverse().Take(3).ToArray();
            ExpectIds(dataset, row, "recent_video_id", Padded(recent.Select(other => other.Video), -1));
            ExpectIds(dataset, row, "recent_author_id", Padded(recent.Select(Author), -1));
            ExpectIds(dataset, row, "recent_tag", Padded(recent.Select(Tag), -1));
            ExpectIds(dataset, row, "recent_feedback", Padded(recent.Select(Feedback), 0));
            var earlier = exposures.Where(other => other.User == now.User && other.TimeMs < now.TimeMs);
            Expect(dataset, row, "user_recency", Recency(earlier, now.TimeMs));
        }
    }

    [Fact]
    public void Schema_KuaiRand_HasUserFeaturesFirstAndOneTableForWhatMeansTheSame()
    {
        using var folder = new TestFolder();
        RandomLog.WriteTables(folder);
        folder.WriteLog("log_a.csv", RandomLog.Exposures(1, 300));

        var schema = folder.Load(s_all).Schema;

        Assert.Equal(
            [
                "user_id", .. KuaiRandColumns.Profile.Where(column => column != "onehot_feat12"),
                "tab", "hour", "user_counts", "user_recency", "recent_video_id", "recent_author_id", "recent_tag",
                "recent_feedback", "video_id", "author_id", "tag", "video_type",
                "upload_type", "video_shape", "video_counts", "author_counts", "user_author_counts", "user_tag_counts", "user_video_counts",
            ],
            schema.Features.Select(feature => feature.Name));
        Assert.DoesNotContain(
            schema.Features.SkipWhile(feature => feature.Side == FeatureSide.User), feature => feature.Side == FeatureSide.User);
        Assert.Contains(new HistoryFeature("recent_tag", "tag", 3), schema.Features);
        Assert.Contains(new DenseFeature("user_recency", FeatureSide.User, 3, DenseTransform.Log1p), schema.Features);
        Assert.Equal(25, schema.Tables["hour"]);
        Assert.Equal(9, schema.Tables["feedback"]);
        Assert.Equal(["is_click", "is_like", "long_view"], schema.Objectives);
    }

    [Fact]
    public void Schema_WithoutTables_HasWhatTheLogAloneGives()
    {
        using var folder = new TestFolder();
        folder.Write("log_a.csv", "user_id,video_id,time_ms,is_click\n1,1,1,1\n1,2,2,0\n");

        var dataset = folder.Load(new DatasetOptions { Features = new FeatureOptions { MinCount = 1, CounterRefresh = CounterRefresh.AtOnce } });

        Assert.Equal(
            [
                "user_id", "hour", "user_counts", "user_recency", "recent_video_id", "recent_feedback", "video_id", "video_shape",
                "video_counts", "user_video_counts",
            ],
            dataset.Schema.Features.Select(feature => feature.Name));
        // Without a stronger objective a click makes history.
        ExpectIds(dataset, 1, "recent_video_id", [1, .. Enumerable.Repeat(-1L, 19)]);
    }

    [Fact]
    public void Load_TableWithoutAColumn_NamesFileAndColumn()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 1)]);
        folder.Write("video_features_basic_x.csv", "video_id,author_id\n1,2\n");

        var error = Assert.Throws<DataException>(() => folder.Load());

        Assert.Contains("video_features_basic_x.csv: no column 'tag'", error.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_BadRowsInATable_AreReported()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 1), new(1, 2, 2)]);
        folder.Write("video_features_basic_x.csv", string.Join('\n',
            Tables.VideoHeader,
            Tables.Video(1, 5, "1"),
            Tables.Video(2, 5, "a,1"),
            Tables.Video(2, 6, "1", "soon"),
            Tables.Video(2, 7, "4")));

        var dataset = folder.Load(new DatasetOptions { MaxBadRows = 0.9, Features = new FeatureOptions { MinCount = 1, CounterRefresh = CounterRefresh.AtOnce } });

        Assert.Equal(
            [
                new BadRow("video_features_basic_x.csv", 3, "tag is \"a,1\", expected integers with commas between"),
                new BadRow("video_features_basic_x.csv", 4, "upload_dt is \"soon\", expected a date such as 2022-04-08"),
            ],
            dataset.Report.BadRows);
        ExpectIds(dataset, 1, "author_id", 7);
    }

    [Theory]
    [InlineData("is_hate")]
    [InlineData("none")]
    public void Load_HistoryOfNoObjective_IsRefused(string name)
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 1)]);

        var options = new DatasetOptions { Features = new FeatureOptions { HistoryObjectives = [name] } };

        Assert.Throws<DataException>(() => folder.Load(options));
    }

    private static long Author(Exposure exposure) => exposure.Video == 24 ? -1 : 100 + (exposure.Video % 7);

    private static long Tag(Exposure exposure) => exposure.Video == 24 || exposure.Video % 5 == 0 ? -1 : exposure.Video % 5;

    private static long Feedback(Exposure exposure) => 1
        + (exposure.Positives.Contains("is_click") ? 1 : 0) + (exposure.Positives.Contains("is_like") ? 2 : 0)
        + (exposure.Positives.Contains("long_view") ? 4 : 0);

    private static float[] Count(IEnumerable<Exposure> exposures)
    {
        var all = exposures.ToArray();
        return
        [
            all.Length, all.Count(other => other.Positives.Contains("is_click")), all.Count(other => other.Positives.Contains("is_like")),
            all.Count(other => other.Positives.Contains("long_view")),
        ];
    }

    /// <summary>Counts back from now until a pause of more than half an hour.</summary>
    private static float[] Recency(IEnumerable<Exposure> earlier, long now)
    {
        var times = earlier.Select(other => other.TimeMs).ToArray();
        var session = 0;
        var last = now;
        foreach (var time in times.Reverse())
        {
            if (last - time > 30 * Minute)
            {
                break;
            }

            session++;
            last = time;
        }

        var gap = times.Length == 0 ? 2_592_000 : Math.Min(2_592_000, (now - times[^1]) / 1000f);
        return [session, gap, times.Count(time => time > now - (24 * 60 * Minute))];
    }

    private static long[] Padded(IEnumerable<long> ids, long padding) => [.. ids.Concat(Enumerable.Repeat(padding, 3)).Take(3)];

    private static void Expect(Dataset dataset, int row, string name, params float[] expected) =>
        Assert.Equal(expected, dataset.Raw(row)[name].Numbers);

    private static void ExpectIds(Dataset dataset, int row, string name, params long[] expected) =>
        Assert.Equal(expected, dataset.Raw(row)[name].Ids);
}

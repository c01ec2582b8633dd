using System.Security.Cryptography;
using Pantheon.Learning.Data;
using Pantheon.Modeling.Features;

namespace Pantheon.Learning.Tests.Data;

public sealed class DatasetTests
{
    [Fact]
    public void Fill_AnyRows_IsRawThroughTheVocabularies()
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);
        var rows = Enumerable.Range(0, dataset.Count).ToArray();
        new Random(4).Shuffle(rows);
        var batch = new FeatureBatch(dataset.Schema, 70);

        foreach (var chunk in rows.Chunk(64))
        {
            dataset.Fill(chunk, batch);
            Assert.Equal(chunk.Length, batch.Count);
            for (var index = 0; index < chunk.Length; index++)
            {
                AssertRow(dataset, batch, index, chunk[index]);
            }
        }
    }

    [Fact]
    public void FillSlice_InParallel_IsFill()
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);
        var rows = Enumerable.Range(0, 256).Reverse().ToArray();
        var (whole, sliced) = (new FeatureBatch(dataset.Schema, 256), new FeatureBatch(dataset.Schema, 256));

        dataset.Fill(rows, whole);
        Parallel.For(0, 8, slice => dataset.FillSlice(rows.AsSpan(slice * 32, 32), sliced, slice * 32));

        for (var feature = 0; feature < dataset.Schema.Features.Count; feature++)
        {
            if (dataset.Schema.Features[feature] is IdFeature or HistoryFeature)
            {
                Assert.Equal(whole.Ids(feature), sliced.Ids(feature));
            }
            else
            {
                Assert.Equal(whole.Numbers(feature), sliced.Numbers(feature));
            }
        }

        Assert.Equal(whole.Labels, sliced.Labels);
    }

    [Fact]
    public void Fill_ManyTimes_AllocatesNothing()
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);
        var rows = Enumerable.Range(0, 256).ToArray();
        var batch = new FeatureBatch(dataset.Schema, 256);
        dataset.Fill(rows, batch);

        var before = GC.GetAllocatedBytesForCurrentThread();
        for (var round = 0; round < 100; round++)
        {
            dataset.Fill(rows, batch);
        }

        Assert.Equal(0, GC.GetAllocatedBytesForCurrentThread() - before);
    }

    [Fact]
    public void Fill_TooManyRowsOrAnotherSchema_IsRefused()
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);

        Assert.Throws<ArgumentOutOfRangeException>(() => dataset.Fill([1, 2, 3], new FeatureBatch(dataset.Schema, 2)));
        Assert.Throws<ArgumentException>(() => dataset.Fill([1], new FeatureBatch(dataset.Schema with { Objectives = ["x"] }, 2)));
    }

    [Theory]
    [InlineData(1)]
    [InlineData(60)]
    [InlineData(24 * 60)]
    [InlineData(1000 * 24 * 60)]
    public void Windows_AnyLength_HoldEveryRowOnceInItsTime(int minutes)
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);

        var next = 0;
        foreach (var window in dataset.Windows(TimeSpan.FromMinutes(minutes)))
        {
            Assert.Equal(next, window.Rows.Start);
            Assert.True(window.Rows.Count > 0);
            Assert.Equal(minutes * 60_000L, window.EndMs - window.StartMs);
            Assert.Equal(0, (window.StartMs - ChinaTime.StartOf(new DateOnly(2022, 4, 8))) % (minutes * 60_000L));
            Assert.InRange(dataset.TimeMs[window.Rows.Start], window.StartMs, window.EndMs - 1);
            Assert.InRange(dataset.TimeMs[window.Rows.End - 1], window.StartMs, window.EndMs - 1);
            next = window.Rows.End;
        }

        Assert.Equal(dataset.Count, next);
    }

    [Fact]
    public void Windows_WithinARange_StayInside()
    {
        using var folder = new TestFolder();
        var dataset = Random(folder);

        var windows = dataset.Windows(TimeSpan.FromHours(1), new RowRange(13, 200)).ToArray();

        Assert.Equal(13, windows[0].Rows.Start);
        Assert.Equal(200, windows[^1].Rows.End);
        Assert.Equal(187, windows.Sum(window => window.Rows.Count));
    }

    [Fact]
    public void Split_KuaiRandMonth_IsByItsDays()
    {
        using var folder = new TestFolder();
        var train = ChinaTime.StartOf(new DateOnly(2022, 4, 8));
        var validate = ChinaTime.StartOf(new DateOnly(2022, 5, 2));
        var test = ChinaTime.StartOf(new DateOnly(2022, 5, 5));
        var end = ChinaTime.StartOf(new DateOnly(2022, 5, 9));
        folder.WriteLog("log_a.csv",
            new[] { train - 1, train, validate - 1, validate, test - 1, test, end - 1, end }.Select(time => new Exposure(1, 1, time)));

        var dataset = folder.Load();

        Assert.Equal(new RowRange(1, 3), dataset.Train);
        Assert.Equal(new RowRange(3, 5), dataset.Validate);
        Assert.Equal(new RowRange(5, 7), dataset.Test);
        Assert.Equal(new RowRange(3, 5), dataset.RangeOf(new DateOnly(2022, 5, 2), new DateOnly(2022, 5, 4)));
    }

    [Fact]
    public void Split_OtherTimes_IsEightyPercentOfTheTime()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", Enumerable.Range(0, 100).Select(step => new Exposure(1, 1, 1000 + (step * 10))));

        var dataset = folder.Load();

        // 1000 to 1990 inclusive are 991 milliseconds; the first 792 are to train.
        Assert.Equal(new RowRange(0, 80), dataset.Train);
        Assert.Equal(0, dataset.Validate.Count);
        Assert.Equal(new RowRange(80, 100), dataset.Test);
    }

    [Fact]
    public void Load_TrainingPeriodWithoutExposures_IsRefused()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, RandomLog.StartMs)]);

        var split = TimeSplit.ByDays(new(2021, 1, 1), new(2021, 1, 3), new(2021, 1, 4), new(2021, 1, 5));

        var error = Assert.Throws<DataException>(() => folder.Load(new DatasetOptions { Split = split }));

        Assert.Equal(
            "the training period, 2021-01-01 to 2021-01-02, has no exposures; expected a part of the log's 2022-04-08 to 2022-04-08",
            error.Message);
    }

    [Fact]
    public void Load_AnyNumberOfThreads_IsTheSame()
    {
        using var folder = new TestFolder();
        RandomLog.WriteTables(folder);
        var exposures = RandomLog.Exposures(6, 60_000, users: 400, videos: 3000);
        folder.WriteLog("log_a.csv.gz", exposures.Take(25_000));
        folder.WriteLog("log_b.csv", exposures.Skip(20_000));

        var one = folder.Load(new DatasetOptions { Threads = 1 });
        var four = folder.Load(new DatasetOptions { Threads = 4 });

        Assert.Equal(65_000, one.Count);
        Assert.Equal(one.Report.Sha256, four.Report.Sha256);
        Assert.Equal(one.TimeMs.ToArray(), four.TimeMs.ToArray());
        Assert.Equal(one.UserIndex.ToArray(), four.UserIndex.ToArray());
        Assert.Equal(one.Schema.Features, four.Schema.Features);
        Assert.Equal(one.Schema.Tables, four.Schema.Tables);
        var (first, second) = (new FeatureBatch(one.Schema, one.Count), new FeatureBatch(four.Schema, one.Count));
        one.Fill([.. Enumerable.Range(0, one.Count)], first);
        four.Fill([.. Enumerable.Range(0, one.Count)], second);
        for (var feature = 0; feature < one.Schema.Features.Count; feature++)
        {
            if (one.Schema.Features[feature] is IdFeature or HistoryFeature)
            {
                Assert.True(first.Ids(feature).AsSpan().SequenceEqual(second.Ids(feature)));
            }
            else
            {
                Assert.True(first.Numbers(feature).AsSpan().SequenceEqual(second.Numbers(feature)));
            }
        }

        Assert.True(first.Labels.AsSpan().SequenceEqual(second.Labels));
    }

    [Fact]
    public void Digest_AnyByteChanged_Changes()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 1), new(1, 1, 2)]);
        var before = folder.Load(new DatasetOptions { Threads = 2 }).Report;
        folder.WriteLog("log_a.csv", [new(1, 1, 1), new(1, 1, 3)]);

        var after = folder.Load().Report;

        Assert.NotEqual(before.Sha256, after.Sha256);
        Assert.Equal(
            Convert.ToHexStringLower(SHA256.HashData(File.ReadAllBytes(Path.Combine(folder.Path, "log_a.csv")))),
            after.Files[0].Sha256);
    }

    private static Dataset Random(TestFolder folder)
    {
        RandomLog.WriteTables(folder);
        folder.WriteLog("log_a.csv", RandomLog.Exposures(9, 600));
        return folder.Load();
    }

    private static void AssertRow(Dataset dataset, FeatureBatch batch, int index, int row)
    {
        var schema = dataset.Schema;
        var raw = dataset.Raw(row);
        for (var feature = 0; feature < schema.Features.Count; feature++)
        {
            var width = FeatureBatch.WidthOf(schema, feature);
            var value = raw.Features[feature];
            Assert.Same(schema.Features[feature], value.Feature);
            var table = schema.Features[feature] switch { IdFeature id => id.Table, HistoryFeature history => history.Table, _ => null };
            if (table is not null)
            {
                var vocabulary = dataset.Vocabularies[table];
                var expected = value.Texts?.Select(vocabulary.Map) ?? value.Ids!.Select(vocabulary.Map);
                Assert.Equal(expected.Select(id => (long)id), batch.Ids(feature).AsSpan(index * width, width).ToArray());
            }
            else
            {
                Assert.Equal(value.Numbers, batch.Numbers(feature).AsSpan(index * width, width).ToArray());
            }
        }

        for (var objective = 0; objective < schema.Objectives.Count; objective++)
        {
            Assert.Equal(dataset.Labels(objective)[row], batch.Labels[(index * schema.Objectives.Count) + objective]);
        }
    }
}

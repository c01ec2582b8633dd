using Pantheon.Bundles;
using Pantheon.Learning.Data;

namespace Pantheon.Learning.Tests.Data;

public sealed class IdVocabularyTests
{
    [Fact]
    public void Vocabularies_Log_HoldTrainingIdsInOrderOfTheirFirstExposure()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv",
        [
            new(30, 3, 100), new(20, 1, 101), new(30, 2, 102), new(20, 3, 103), new(10, 1, 104),
            new(10, 2, 200), new(40, 4, 201), new(40, 4, 202), new(40, 1, 203),
        ]);

        var dataset = folder.Load(new DatasetOptions { Split = new TimeSplit(0, 200, 200, 300) });

        // User 10 and video 2 were there once before 200, user 40 and video 4 never: all of them are unknown.
        var users = dataset.Vocabularies["user_id"];
        Assert.Equal([0, 2, 1, 0], new long[] { 10, 20, 30, 40 }.Select(users.Map));
        Assert.Equal(3, users.Rows);
        Assert.Equal([2, 0, 1, 0], new long[] { 1, 2, 3, 4 }.Select(dataset.Vocabularies["video_id"].Map));
        Assert.Equal(3, dataset.Schema.Tables["video_id"]);
        var batch = new FeatureBatch(dataset.Schema, 9);
        dataset.Fill([.. Enumerable.Range(0, 9)], batch);
        Assert.Equal([1L, 2, 1, 2, 0, 0, 0, 0, 0], batch.Ids(0));
    }

    [Fact]
    public void Vocabularies_MinCountOfATable_GoesBeforeTheGeneralOne()
    {
        using var folder = new TestFolder();
        folder.WriteLog("log_a.csv", [new(1, 1, 100), new(1, 2, 101), new(1, 2, 102), new(1, 2, 103)]);

        var dataset = folder.Load(new DatasetOptions
        {
            Split = new TimeSplit(0, 200, 200, 300),
            Features = new FeatureOptions { MinCount = 1, MinCounts = new Dictionary<string, int> { ["video_id"] = 3 } },
        });

        Assert.Equal([0, 1], new long[] { 1, 2 }.Select(dataset.Vocabularies["video_id"].Map));
        Assert.Equal(1, dataset.Vocabularies["user_id"].Map(1));
    }

    [Fact]
    public void Save_Integers_WritesTheBundleFormat() =>
        Assert.Equal("raw\trow\n-5\t1\n9223372036854775807\t2\n0\t3\n", Saved(new IdVocabulary("x", [-5, long.MaxValue, 0])));

    [Fact]
    public void Save_Texts_WritesTheBundleFormat()
    {
        var vocabulary = new IdVocabulary("x", ["[10,100)", "漢"]);

        Assert.Equal("raw\trow\n[10,100)\t1\n漢\t2\n", Saved(vocabulary));
        Assert.Equal(VocabularyKind.String, vocabulary.Kind);
        Assert.Equal([1, 2, 0, 0], new[] { "[10,100)", "漢", "", "x" }.Select(vocabulary.Map));
    }

    [Fact]
    public void Save_Vocabulary_IsReadBackByABundle()
    {
        using var folder = new TestFolder();
        var path = Path.Combine(folder.Path, "x.tsv");
        new IdVocabulary("x", [7, 8]).Save(path);

        var copied = new MemoryStream();
        BundleSource.FromTable("vocabularies/x.tsv", path).Write(copied);
        var direct = new MemoryStream();
        new IdVocabulary("x", [7, 8]).ToSource("vocabularies/x.tsv").Write(direct);

        Assert.Equal(File.ReadAllBytes(path), copied.ToArray());
        Assert.Equal(File.ReadAllBytes(path), direct.ToArray());
    }

    [Fact]
    public void Map_OtherKind_IsRefused()
    {
        Assert.Throws<InvalidOperationException>(() => new IdVocabulary("x", [7]).Map("7"));
        Assert.Throws<InvalidOperationException>(() => new IdVocabulary("x", ["7"]).Map(7));
    }

    [Fact]
    public void IdIndex_RandomIds_AgreesWithADictionary()
    {
        var random = new Random(1);
        var index = new IdIndex(4);
        Dictionary<long, int> expected = [];
        for (var step = 0; step < 100_000; step++)
        {
            var id = random.Next(3) switch { 0 => random.NextInt64(), 1 => random.Next(5000), _ => (long)random.Next(5000) << 32 };
            Assert.Equal(expected.GetValueOrDefault(id, -1), index.IndexOf(id));
            expected.TryAdd(id, expected.Count);
            Assert.Equal(expected[id], index.GetOrAdd(id));
        }

        Assert.Equal(expected.Count, index.Count);
    }

    private static string Saved(IdVocabulary vocabulary)
    {
        var stream = new MemoryStream();
        vocabulary.Save(stream);
        return System.Text.Encoding.UTF8.GetString(stream.ToArray());
    }
}

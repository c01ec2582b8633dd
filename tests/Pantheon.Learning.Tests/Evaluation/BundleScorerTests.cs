using Pantheon.Bundles;
using Pantheon.Learning.Data;
using Pantheon.Learning.Evaluation;
using Pantheon.Learning.Tests.Data;
using Pantheon.Onnx.Building;
using Pantheon.Onnx.Graphs;
using Pantheon.Onnx.Sessions;

namespace Pantheon.Learning.Tests.Evaluation;

public sealed class BundleScorerTests : IDisposable
{
    private const int Rows = 300;
    private const int History = 3;

    private readonly TestFolder _folder = new();

    public BundleScorerTests()
    {
        _folder.WriteLog("log_standard.csv", RandomLog.Exposures(seed: 5, Rows));
        RandomLog.WriteTables(_folder);
    }

    [Fact]
    public void Score_RawIds_GoThroughTheBundlesOwnVocabularies()
    {
        // Rows that no vocabulary of this log would have; every third video is unknown to the bundle.
        var users = Enumerable.Range(0, 12).ToDictionary(user => (long)user, user => 11 - user);
        var videos = Enumerable.Range(0, 25).Where(video => video % 3 != 0).ToDictionary(video => (long)video, video => 1 + ((video * 7) % 25));
        var bundle = ToyBundle.Publish(
            _folder,
            [
                ToyBundle.User.With(VocabularyKind.Int64), ToyBundle.Video.With(VocabularyKind.Int64, unknownRow: 30), ToyBundle.Hour,
                ToyBundle.Ids("recent_video_id", FeatureSide.User, [1, History]).With(VocabularyKind.Int64, unknownRow: 40),
            ],
            ["is_click"],
            inputs => Float(inputs[0]) + (Float(inputs[1]) * 16f) + (Float(inputs[2]) * 1024f) + (Float(inputs[3]).ReduceSum([1]) * 32768f),
            new Dictionary<string, string[]> { ["user_id"] = Lines(users), ["video_id"] = Lines(videos), ["recent_video_id"] = Lines(videos) });

        var data = Load(bundle);
        using var scorer = BundleScorer.Open(bundle, data, threads: 2);
        var scores = scorer.Score(new RowRange(0, data.Count));

        Assert.Null(scorer.OneByOne);
        var raw = _folder.Load(new DatasetOptions { Features = new FeatureOptions { Objectives = ["is_click"], HistoryLength = History, MinCount = 1 } });
        for (var row = 0; row < data.Count; row++)
        {
            var features = raw.Raw(row);
            var history = features["recent_video_id"].Ids!.Sum(id => videos.GetValueOrDefault(id, 40));
            var expected = users[raw.UserId(row)] + (16 * videos.GetValueOrDefault(raw.VideoId(row), 30)) + (1024 * features["hour"].Ids![0]) + (32768 * history);
            Assert.Equal(expected, scores.Score[row]);
        }
    }

    [Fact]
    public void Score_GraphThatMixesRows_IsScoredOneExposureAtATime()
    {
        var bundle = ToyBundle.Publish(
            _folder, [ToyBundle.Hour, ToyBundle.Video], [], inputs => Float(inputs[1]) - Float(inputs[1]).ReduceMean([0], keepDimensions: true) + Float(inputs[0]));

        var data = Load(bundle);
        using var scorer = BundleScorer.Open(bundle, data, threads: 2);
        var scores = scorer.Score(new RowRange(0, data.Count));

        // Alone, an exposure's video is the mean of all.
        Assert.Contains("other scores to rows side by side", scorer.OneByOne, StringComparison.Ordinal);
        for (var row = 0; row < data.Count; row++)
        {
            Assert.Equal(data.Log.HourOf(row), scores.Score[row]);
        }
    }

    [Fact]
    public void Score_GraphOfOneUserOnly_IsScoredOneExposureAtATime()
    {
        var bundle = ToyBundle.Publish(
            _folder, [ToyBundle.Hour, ToyBundle.Video], [], inputs => (Float(inputs[0]).Reshape(1) * 32f) + Float(inputs[1]));

        var data = Load(bundle);
        using var scorer = BundleScorer.Open(bundle, data, threads: 2);
        var scores = scorer.Score(new RowRange(10, 20));

        Assert.StartsWith("the graph does not take many users at once: ", scorer.OneByOne, StringComparison.Ordinal);
        Assert.DoesNotContain('\n', scorer.OneByOne!);
        Assert.Equal(Enumerable.Range(10, 10).Select(row => (32f * data.Log.HourOf(row)) + data.VideoId(row)), scores.Score);
    }

    [Fact]
    public void Score_NotFinite_IsRefused()
    {
        var bundle = ToyBundle.Publish(_folder, [ToyBundle.Video], [], inputs => Float(inputs[0]).Log());

        var data = Load(bundle);
        using var scorer = BundleScorer.Open(bundle, data, threads: 1);

        var refusal = Assert.Throws<BundleException>(() => scorer.Score(new RowRange(0, data.Count)));
        Assert.Contains($"of {data.Count} exposures is not finite", refusal.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Score_GraphThatFailsOnSomeExposures_TellsItsReason()
    {
        // The table has 20 rows and the log 25 videos; no manifest says so.
        var bundle = ToyBundle.Publish(_folder, [ToyBundle.Video], [], inputs => inputs[0].Graph.Constant(new float[20], 20).Gather(inputs[0]));

        var data = Load(bundle);
        var failure = Assert.Throws<GraphException>(() =>
        {
            using var scorer = BundleScorer.Open(bundle, data, threads: 2);
            scorer.Score(new RowRange(0, data.Count));
        });
        Assert.Contains("Gather", failure.Message, StringComparison.Ordinal);
    }

    [Fact]
    public void Load_ObjectiveThatTheLogLacks_IsLeftOut()
    {
        var bundle = ToyBundle.Publish(_folder, [ToyBundle.Video], ["is_purchase", "is_like", "is_click"], inputs => Float(inputs[0]));

        var data = Load(bundle);
        using var scorer = BundleScorer.Open(bundle, data, threads: 1);
        var scores = scorer.Score(new RowRange(0, 5));

        Assert.Equal(["is_like", "is_click"], data.Schema.Objectives);
        Assert.Equal(3, scores.Pxtrs.Length);
        Assert.Equal(scores.Pxtrs[1..], BundleTables.Measured(data, scores, bundle.Manifest.Objectives));
    }

    [Fact]
    public void Load_NoObjectiveOfTheBundle_IsRefused()
    {
        var bundle = ToyBundle.Publish(_folder, [ToyBundle.Video], ["is_purchase"], inputs => Float(inputs[0]));

        Assert.EndsWith("none of the bundle's objectives is_purchase is in the log, expected one at least", Refusal(bundle), StringComparison.Ordinal);
    }

    [Fact]
    public void Load_VocabularyOfTexts_IsRefusedForIntegers()
    {
        var bundle = ToyBundle.Publish(
            _folder, [ToyBundle.Video.With(VocabularyKind.String)], [], inputs => Float(inputs[0]), new Dictionary<string, string[]> { ["video_id"] = ["a\t1"] });

        Assert.Equal("input 'video_id' of the bundle has a vocabulary of string ids, the log's are int64", Refusal(bundle));
    }

    [Fact]
    public void Load_RawIdOutsideTheRange_IsRefused()
    {
        var bundle = ToyBundle.Publish(_folder, [ToyBundle.Video with { Range = new IdRange(0, 9) }], [], inputs => Float(inputs[0]));

        Assert.Equal("input 'video_id' of the bundle takes 0 to 9 and has no vocabulary, the log's raw ids are 0 to 24", Refusal(bundle));
    }

    [Fact]
    public void Load_NumbersOfAnotherWidth_AreRefused()
    {
        var shape = new InputSpec { Name = "video_shape", Type = ElementType.Float, Side = FeatureSide.Candidate, Shape = [null, 3] };
        var bundle = ToyBundle.Publish(_folder, [shape], [], inputs => inputs[0].ReduceSum([1]));

        Assert.Equal("input 'video_shape' of the bundle is 3 float a row, the log gives 2 float", Refusal(bundle));
    }

    public void Dispose() => _folder.Dispose();

    private static Tensor Float(Tensor ids) => ids.Cast(OnnxElementType.Float);

    private static string[] Lines(Dictionary<long, int> rows) => [.. rows.Select(pair => $"{pair.Key}\t{pair.Value}")];

    private Dataset Load(Bundle bundle)
    {
        var folder = LogFolder.Open(_folder.Path);
        return BundleFeatures.Load(bundle, folder, folder.DefaultOptions);
    }

    private string Refusal(Bundle bundle) => Assert.Throws<DataException>(() => Load(bundle)).Message;
}

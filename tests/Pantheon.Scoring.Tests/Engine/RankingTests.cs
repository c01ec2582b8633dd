using Pantheon.Bundles;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Engine;

public sealed class RankingTests : IDisposable
{
    private readonly TestService _service = new();

    public void Dispose() => _service.Dispose();

    [Fact]
    public async Task RankAsync_GoldenRequests_GivesWhatNumpyComputes()
    {
        var model = _service.Serve(TestBundles.Rank, null, ("golden.json", File.ReadAllText(TestBundles.Fixture("rank.golden.json"))));
        Assert.Equal([1, 7, 33], model.Bundle.Goldens.Select(golden => golden.Candidates));
        foreach (var golden in model.Bundle.Goldens)
        {
            var ranking = await _service.RankAsync(FromGolden(_service.Ask("rank"), golden).All());
            var expected = golden.Outputs["score"].Floats!;
            Assert.Equal(golden.Candidates, ranking.Positions.Length);
            Assert.All(ranking.Positions.Zip(ranking.Scores), item => Assert.Equal(expected[item.First], item.Second, 1e-5));
            Assert.Equal(Enumerable.Range(0, expected.Length).OrderByDescending(position => expected[position]), ranking.Positions);
            var pxtrs = golden.Outputs["pxtr"].Floats!;
            Assert.All(ranking.Pxtrs.Single().Zip(pxtrs), pair => Assert.Equal(pair.Second, pair.First, 1e-5));
            Assert.True(ranking.Seconds.Run > 0);
        }
    }

    [Fact]
    public async Task RankAsync_TypedListsAndRawData_GiveTheSameBits()
    {
        _service.Serve(TestBundles.Rank);
        var sample = new Sample(new Random(51), 40);
        var typed = await _service.RankAsync(sample.Typed(_service.Ask("rank")).All());
        var raw = await _service.RankAsync(sample.Raw(_service.Ask("rank")).All());
        // In any order of features, and with the type stated though it need not be.
        var mixed = _service.Ask("rank").Data(false, "item_dense", 1, sample.ItemDense).Int64s(false, "item_id", sample.Items)
            .Floats(true, "user_dense", sample.UserDense).Data(true, "user_id", 2, sample.User).All();
        mixed.UserFeatures[0].StatedType = 1;
        var other = await _service.RankAsync(mixed);
        Assert.Equal(40, typed.Positions.Length);
        foreach (var same in new[] { raw, other })
        {
            Assert.Equal(typed.Positions, same.Positions);
            Assert.Equal(typed.Scores, same.Scores);
            Assert.Equal(typed.Pxtrs.Single(), same.Pxtrs.Single());
        }
    }

    [Theory]
    [InlineData(1)]
    [InlineData(2)]
    [InlineData(63)]
    [InlineData(64)]
    public async Task RankAsync_TiledGraph_GivesWhatTheBroadcastGraphGives(int candidates)
    {
        _service.Serve(TestBundles.Rank);
        _service.Serve(TestBundles.RankTiled);
        var sample = new Sample(new Random(candidates), candidates);
        var broadcast = await _service.RankAsync(sample.Typed(_service.Ask("rank")).All());
        var tiled = await _service.RankAsync(sample.Typed(_service.Ask("rank-tiled")).All());
        var tiledRaw = await _service.RankAsync(sample.Raw(_service.Ask("rank-tiled")).All());
        Assert.Equal(broadcast.Positions, tiled.Positions);
        Assert.Equal(broadcast.Scores, tiled.Scores);
        Assert.Equal(tiled.Scores, tiledRaw.Scores);
    }

    [Fact]
    public async Task RankAsync_WideTiledUser_RepeatsEveryElement()
    {
        _service.Serve(TestBundles.WideTiled);
        var user = Enumerable.Range(0, 1024).Select(i => (float)(i % 7)).ToArray();
        var ranking = await _service.RankAsync(_service.Ask("wide-tiled").Floats(true, "user", user).Floats(false, "x", 1, 3, 2).All());
        Assert.Equal([1, 2, 0], ranking.Positions);
        Assert.Equal([user.Sum() + 3, user.Sum() + 2, user.Sum() + 1], ranking.Scores);
    }

    [Fact]
    public async Task RankAsync_TwoPxtrOutputs_KeepsThemInObjectiveOrder()
    {
        _service.Serve(TestBundles.TwoPxtrs);
        var ranking = await _service.RankAsync(_service.Ask("two-pxtrs").Floats(false, "x", 1, 3, -1));
        Assert.Equal([1, 0, 2], ranking.Positions);
        Assert.Equal([25f, 9f, 1f], ranking.Scores);
        Assert.Equal([2f, 6f, -2f], ranking.Pxtrs[0]);
        Assert.Equal([3f, 5f, 1f], ranking.Pxtrs[1]);
    }

    [Theory]
    [InlineData(0, 10)]
    [InlineData(1, 1)]
    [InlineData(50, 40)]
    [InlineData(40, 40)]
    public async Task RankAsync_TopK_ReturnsTheBestOfAll(int topK, int expected)
    {
        _service.Serve(TestBundles.Rank);
        var sample = new Sample(new Random(52), 40);
        var all = await _service.RankAsync(sample.Typed(_service.Ask("rank")).All());
        var top = await _service.RankAsync(sample.Typed(_service.Ask("rank")).Top(topK));
        Assert.Equal(all.Positions.Take(expected), top.Positions);
        Assert.Equal(40, top.Candidates);
    }

    // The contract says that top_k is ignored then; it was refused.
    [Theory]
    [InlineData(51)]
    [InlineData(-1)]
    [InlineData(1)]
    public async Task RankAsync_All_IgnoresTopK(int topK)
    {
        _service.Serve(TestBundles.Echo);
        var ranking = await _service.RankAsync(_service.Ask("echo").Floats(false, "x", new float[60]).Top(topK).All());
        Assert.Equal(Enumerable.Range(0, 60), ranking.Positions);
    }

    [Fact]
    public async Task RankAsync_IntegerVocabulary_MapsIdsToRows()
    {
        _service.Serve(TestBundles.Rank);
        var vocabulary = new VocabularySpec { File = "vocabularies/item_id.tsv", Kind = VocabularyKind.Int64, UnknownRow = 7 };
        _service.Serve(
            TestBundles.WithInput(TestBundles.Rank, TestBundles.Rank.Inputs[2] with { Vocabulary = vocabulary }) with { Model = "mapped" },
            "rank",
            ("vocabularies/item_id.tsv", "raw\trow\n-9000000000\t3\n42\t99\n17\t0\n"));
        var sample = new Sample(new Random(53), 4) { Items = [3, 99, 7, 0] };
        var rows = await _service.RankAsync(sample.Typed(_service.Ask("rank")));
        sample.Items = [-9_000_000_000, 42, 123_456, 17];
        foreach (var query in new[] { sample.Typed(_service.Ask("mapped")), sample.Raw(_service.Ask("mapped")) })
        {
            var raw = await _service.RankAsync(query);
            Assert.Equal(rows.Positions, raw.Positions);
            Assert.Equal(rows.Scores, raw.Scores);
        }
    }

    [Fact]
    public async Task RankAsync_TextVocabulary_MapsIdsToRows()
    {
        _service.Serve(TestBundles.Rank);
        var items = new VocabularySpec { File = "items.tsv", Kind = VocabularyKind.String, UnknownRow = 7 };
        var users = new VocabularySpec { File = "users.tsv", Kind = VocabularyKind.String, UnknownRow = 0 };
        var manifest = TestBundles.WithInput(TestBundles.RankTiled, TestBundles.RankTiled.Inputs[2] with { Vocabulary = items });
        manifest = TestBundles.WithInput(manifest, manifest.Inputs[0] with { Vocabulary = users });
        _service.Serve(
            manifest with { Model = "mapped" },
            "rank-tiled",
            ("items.tsv", "raw\trow\nalpha\t3\nb\u00e9ta\t99\n\u6f22\u5b57\t0\n"),
            ("users.tsv", "raw\trow\nann\t4\nbob\t5\n"));
        var sample = new Sample(new Random(54), 4) { Items = [3, 99, 7, 0], User = 5 };
        var rows = await _service.RankAsync(sample.Typed(_service.Ask("rank")));
        var query = _service.Ask("mapped").Texts(true, "user_id", "bob").Floats(true, "user_dense", sample.UserDense)
            .Texts(false, "item_id", "alpha", "b\u00e9ta", "", "\u6f22\u5b57").Floats(false, "item_dense", sample.ItemDense);
        var raw = await _service.RankAsync(query);
        Assert.Equal(rows.Positions, raw.Positions);
        Assert.Equal(rows.Scores, raw.Scores);
    }

    [Fact]
    public async Task RankAsync_CandidateIds_ArePassedThrough()
    {
        _service.Serve(TestBundles.Echo);
        using var query = _service.Ask("echo").Floats(false, "x", 1, 2, 3).Ids(70, -5, long.MaxValue);
        var outcome = await _service.Engine.RankAsync(query, long.MaxValue, CancellationToken.None);
        using var result = outcome.Result!;
        Assert.Same(query, result.Query);
        Assert.Equal([70, -5, long.MaxValue], query.Ids.Span<long>().ToArray());
    }

    [Fact]
    public async Task RankAsync_PinnedVersion_AnswersWithItAndItsArm()
    {
        var first = _service.Serve(TestBundles.Echo);
        var second = _service.Serve(TestBundles.Echo);
        Assert.Equal((1, 2), (first.Version, second.Version));
        var usual = await _service.RankAsync(_service.Ask("echo").Floats(false, "x", 1));
        Assert.Equal((2, ServingArm.Base), (usual.Version, usual.Arm));
        var query = _service.Ask("echo").Floats(false, "x", 1);
        query.Version = 1;
        var pinned = await _service.RankAsync(query);
        Assert.Equal((1, ServingArm.Pinned), (pinned.Version, pinned.Arm));
    }

    [Fact]
    public async Task RankAsync_NoModelNamed_TakesTheDefault()
    {
        _service.Serve(TestBundles.Rank);
        var ranking = await _service.RankAsync(new Sample(new Random(55), 3).Typed(_service.Ask("")));
        Assert.Equal(3, ranking.Positions.Length);
    }

    [Fact]
    public async Task RankAsync_Calibration_FollowsTheScenarioAndKeepsTheOrder()
    {
        var calibration = new CalibrationSpec
        {
            Own = new Moments(1, 2),
            Baseline = new Moments(10, 1),
            Scenarios = new Dictionary<string, ScenarioCalibration> { ["feed"] = new(new Moments(0, 1), new Moments(-1, 3)) },
        };
        _service.Serve(TestBundles.Echo with { Calibration = calibration });
        foreach (var (scenario, expected) in new[] { ("", new[] { 11f, 10f, 9f }), ("unheard", [11f, 10f, 9f]), ("feed", [8f, 2f, -4f]) })
        {
            var query = _service.Ask("echo").Floats(false, "x", 1, 3, -1);
            query.Scenario = scenario;
            var ranking = await _service.RankAsync(query);
            Assert.Equal([1, 0, 2], ranking.Positions);
            Assert.Equal([3f, 1f, -1f], ranking.Scores);
            Assert.Equal(expected, ranking.Calibrated);
        }
    }

    [Fact]
    public async Task RankAsync_NoBaseline_LeavesScoresAsTheyAre()
    {
        var model = _service.Serve(TestBundles.Echo);
        Assert.Null(model.Calibration.Slot("").Calibrator);
        var ranking = await _service.RankAsync(_service.Ask("echo").Floats(false, "x", 0.25f));
        Assert.Equal(ranking.Scores, ranking.Calibrated);
    }

    [Theory]
    [InlineData(float.NaN, "NaN")]
    [InlineData(float.PositiveInfinity, "Infinity")]
    [InlineData(float.NegativeInfinity, "-Infinity")]
    public async Task RankAsync_NonFiniteScoreAndPolicyFail_NamesModelAndCandidate(float score, string shown)
    {
        _service.Serve(TestBundles.Echo);
        var fault = await _service.RefuseAsync(_service.Ask("echo").Floats(false, "x", 1, 2, score, float.NaN).Ids(5, 6, 77, 8));
        Assert.Equal(RankFaultKind.Internal, fault.Kind);
        Assert.Equal($"model 'echo' version 1: score of the candidate at position 2 (id 77) is {shown}, expected a finite number", fault.Message);
        Assert.Contains("pantheon.scores.non_finite=2 model:echo", _service.Counted);
        Assert.Contains("pantheon.requests=1 model:echo outcome:internal", _service.Counted);
    }

    [Fact]
    public async Task RankAsync_GraphMakesNaN_FailsWithoutIds()
    {
        _service.Serve(TestBundles.Log);
        var fault = await _service.RefuseAsync(_service.Ask("log").Floats(false, "x", 1, -1));
        Assert.Contains("candidate at position 1 is NaN", fault.Message, StringComparison.Ordinal);
    }

    [Fact]
    public async Task RankAsync_NonFiniteScoresAndPolicyDrop_ReportsPositions()
    {
        _service.Serve(TestBundles.Echo with { NonFiniteScores = NonFiniteScores.Drop });
        var ranking = await _service.RankAsync(
            _service.Ask("echo").Floats(false, "x", float.NaN, 2, float.PositiveInfinity, 3, float.NegativeInfinity).All());
        Assert.Equal([3, 1], ranking.Positions);
        Assert.Equal([0, 2, 4], ranking.Dropped);
        Assert.Equal(5, ranking.Candidates);
        Assert.Contains("pantheon.scores.non_finite=3 model:echo", _service.Counted);
    }

    [Fact]
    public async Task RankAsync_EveryScoreDropped_ReturnsNone()
    {
        _service.Serve(TestBundles.Echo with { NonFiniteScores = NonFiniteScores.Drop });
        var ranking = await _service.RankAsync(_service.Ask("echo").Floats(false, "x", float.NaN, float.NaN));
        Assert.Empty(ranking.Positions);
        Assert.Equal([0, 1], ranking.Dropped);
    }

    [Fact]
    public async Task RankAsync_GraphFails_IsInternalAndLogged()
    {
        // Without a range nothing at the border knows that the table has 100 rows.
        _service.Serve(TestBundles.WithInput(TestBundles.Rank, TestBundles.Rank.Inputs[2] with { Range = null }));
        var sample = new Sample(new Random(56), 2) { Items = [5, 100] };
        var fault = await _service.RefuseAsync(sample.Typed(_service.Ask("rank")));
        Assert.Equal(RankFaultKind.Internal, fault.Kind);
        Assert.StartsWith("model 'rank' version 1: the graph failed: ", fault.Message, StringComparison.Ordinal);
        Assert.True(_service.Errors.TryDequeue(out var logged));
        Assert.StartsWith("1002: ", logged, StringComparison.Ordinal);
        // The run that failed is reused, and works.
        Assert.Equal(2, (await _service.RankAsync(new Sample(new Random(57), 2).Typed(_service.Ask("rank")))).Positions.Length);
    }

    private static RankQuery FromGolden(RankQuery query, GoldenRequest golden)
    {
        foreach (var input in TestBundles.Rank.Inputs)
        {
            var tensor = golden.Inputs[input.Name];
            var ofUser = input.Side == FeatureSide.User;
            _ = tensor.Floats is { } floats ? query.Floats(ofUser, input.Name, floats) : query.Int64s(ofUser, input.Name, tensor.Int64s!);
        }

        return query;
    }
}

/// <summary>Random features for the rank graph.</summary>
internal sealed class Sample(Random random, int candidates)
{
    public long User { get; set; } = random.Next(10);

    public float[] UserDense { get; } = Numbers(random, 4);

    public long[] Items { get; set; } = [.. Enumerable.Range(0, candidates).Select(_ => (long)random.Next(100))];

    public float[] ItemDense { get; } = Numbers(random, 2 * candidates);

    public RankQuery Typed(RankQuery query) => query.Int64s(true, "user_id", User).Floats(true, "user_dense", UserDense)
        .Int64s(false, "item_id", Items).Floats(false, "item_dense", ItemDense);

    public RankQuery Raw(RankQuery query) => query.Data(true, "user_id", 2, User).Data(true, "user_dense", 1, UserDense)
        .Data(false, "item_id", 2, Items).Data(false, "item_dense", 1, ItemDense);

    private static float[] Numbers(Random random, int count) =>
        [.. Enumerable.Range(0, count).Select(_ => (float)((2 * random.NextDouble()) - 1))];
}

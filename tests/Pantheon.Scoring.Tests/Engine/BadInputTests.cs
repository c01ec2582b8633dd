using Pantheon.Bundles;
using Pantheon.Scoring.Engine;
using Pantheon.Scoring.Models;
using Pantheon.Scoring.Requests;
using Pantheon.Scoring.Tests.Hosting;

namespace Pantheon.Scoring.Tests.Engine;

/// <summary>Every way in which a request does not fit, with the words that its sender reads: field, what came, what was expected.</summary>
public sealed class BadInputTests : IDisposable
{
    private const bool User = true;
    private const bool Item = false;

    private static readonly float[] Dense = [0, 0, 0, 0];
    private static readonly float[] TwoItems = [1, 2, 3, 4];

    private readonly TestService _service = new(options: new EngineOptions { MaxCandidates = 8, MaxTopK = 5, MaxFeatureBytes = 1000 });

    private readonly Dictionary<string, (Func<TestService, RankQuery> Ask, string Message)> _cases;

    public BadInputTests()
    {
        _service.Serve(TestBundles.Rank);
        _service.Serve(TestBundles.Log);
        _service.Serve(
            TestBundles.WithInput(
                TestBundles.Rank,
                TestBundles.Rank.Inputs[2] with { Vocabulary = new VocabularySpec { File = "items.tsv", Kind = VocabularyKind.String, UnknownRow = 0 } })
                with
            { Model = "texts" },
            "rank",
            ("items.tsv", "raw\trow\na\t1\n"));
        _cases = Cases();
    }

    public static TheoryData<string> Names => [.. Cases().Keys];

    public void Dispose() => _service.Dispose();

    [Theory]
    [MemberData(nameof(Names))]
    public async Task RankAsync_BadFeature_NamesFieldAndWhatCameAndWhatWasExpected(string name)
    {
        var (ask, message) = _cases[name];
        var fault = await _service.RefuseAsync(ask(_service));
        Assert.Equal(RankFaultKind.Invalid, fault.Kind);
        Assert.Equal(message, fault.Message);
        Assert.Equal(TimeSpan.Zero, fault.RetryAfter);
        // A good request right after is answered.
        Assert.Equal(2, (await _service.RankAsync(Good(_service))).Positions.Length);
    }

    [Fact]
    public async Task RankAsync_UnknownModel_IsNotFound()
    {
        var fault = await _service.RefuseAsync(_service.Ask("nobody"));
        Assert.Equal(RankFaultKind.UnknownModel, fault.Kind);
        Assert.Equal("model: got 'nobody', expected one of log, rank, texts", fault.Message);
        Assert.Contains("pantheon.requests=1 model: outcome:not_found", _service.Counted);
    }

    [Fact]
    public async Task RankAsync_NoModelAtAll_SaysSo()
    {
        using var empty = new TestService();
        var fault = await empty.RefuseAsync(empty.Ask(""));
        Assert.Equal(RankFaultKind.UnknownModel, fault.Kind);
        Assert.Equal("model: got 'rank', expected one of none: no model is loaded yet", fault.Message);
    }

    [Fact]
    public async Task RankAsync_VersionNotLoaded_IsFailedPrecondition()
    {
        var query = Good(_service);
        query.Version = 7;
        var fault = await _service.RefuseAsync(query);
        Assert.Equal(RankFaultKind.NotLoaded, fault.Kind);
        Assert.Equal("version: got 7, expected a loaded version of 'rank' (1)", fault.Message);
    }

    [Fact]
    public async Task RankAsync_NegativeVersion_IsInvalid()
    {
        var query = Good(_service);
        query.Version = -1;
        var fault = await _service.RefuseAsync(query);
        Assert.Equal((RankFaultKind.Invalid, "version: got -1, expected 0 (the one in service) or above"), (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task RankAsync_NothingInService_SaysWhy()
    {
        _service.Catalog.Publish(new ServedModel("broken", null, new Dictionary<long, LoadedModel>(), "its graph was refused"));
        var fault = await _service.RefuseAsync(_service.Ask("broken"));
        Assert.Equal((RankFaultKind.NotLoaded, "model 'broken' is not loaded: its graph was refused"), (fault.Kind, fault.Message));
    }

    [Fact]
    public async Task RankAsync_DecodeFault_IsItsAnswer()
    {
        var query = Good(_service);
        query.DecodeFault = RankFault.Invalid("request", "bytes that are no message", "a RankRequest");
        Assert.Same(query.DecodeFault, await _service.RefuseAsync(query));
    }

    private static RankQuery Good(TestService service) => With(service, items: TwoItems);

    private static RankQuery With(
        TestService service, long[]? ids = null, float[]? items = null, long user = 0, float[]? dense = null, string model = "rank") =>
        service.Ask(model).Int64s(User, "user_id", user).Floats(User, "user_dense", dense ?? Dense)
            .Int64s(Item, "item_id", ids ?? [0, 1]).Floats(Item, "item_dense", items ?? TwoItems);

    // What is the user's and good, for cases about candidates.
    private static RankQuery Users(TestService service, string model = "rank") =>
        service.Ask(model).Int64s(User, "user_id", 0).Floats(User, "user_dense", Dense);

    private static RankQuery Items(TestService service, string model = "rank") =>
        service.Ask(model).Int64s(Item, "item_id", 0, 1).Floats(Item, "item_dense", TwoItems);

    private static Dictionary<string, (Func<TestService, RankQuery> Ask, string Message)> Cases() => new()
    {
        ["unknown user feature"] = (
            s => Good(s).Floats(User, "age", 1),
            "user_features[2].name: got 'age', expected one of user_id, user_dense"),
        ["unknown candidate feature"] = (
            s => Good(s).Floats(Item, "price", 1, 2),
            "candidate_features[2].name: got 'price', expected one of item_id, item_dense"),
        ["feature without a name"] = (
            s => Good(s).Floats(Item, "", 1, 2),
            "candidate_features[2].name: got '', expected one of item_id, item_dense"),
        ["missing user feature"] = (
            s => Items(s).Int64s(User, "user_id", 0),
            "user_features: got no feature 'user_dense', expected one (FLOAT, 4 per user)"),
        ["missing candidate feature"] = (
            s => Users(s).Floats(Item, "item_dense", TwoItems),
            "candidate_features: got no feature 'item_id', expected one (INT64, 1 per candidate)"),
        ["nothing at all"] = (
            s => s.Ask("rank"),
            "user_features: got no feature 'user_id', expected one (INT64, 1 per user)"),
        ["repeated feature"] = (
            s => Good(s).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_dense']: got it more than once, expected it once"),
        ["user feature among the candidates'"] = (
            s => Items(s).Int64s(User, "user_id", 0).Floats(Item, "user_dense", Dense),
            "candidate_features['user_dense']: got it here, expected it in user_features"),
        ["candidate feature among the user's"] = (
            s => Users(s).Int64s(User, "item_id", 0, 1).Floats(Item, "item_dense", TwoItems),
            "user_features['item_id']: got it here, expected it in candidate_features"),
        ["floats for ids"] = (
            s => Users(s).Floats(Item, "item_id", 0, 1).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id']: got FLOAT values, expected INT64"),
        ["ids for floats"] = (
            s => Users(s).Int64s(Item, "item_id", 0, 1).Int64s(Item, "item_dense", 1, 2, 3, 4),
            "candidate_features['item_dense']: got INT64 values, expected FLOAT"),
        ["texts for ids without a vocabulary"] = (
            s => Users(s).Texts(Item, "item_id", "a", "b").Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id']: got STRING values, expected INT64"),
        ["ids for texts"] = (
            s => With(s, model: "texts"),
            "candidate_features['item_id']: got INT64 values, expected STRING"),
        ["texts as data"] = (
            s => Users(s, "texts").Data(Item, "item_id", 3, new byte[16]).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id']: got STRING data, expected STRING values"),
        ["data of the wrong type"] = (
            s => Users(s).Data(Item, "item_id", 1, 0f, 1f).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id']: got FLOAT data, expected INT64"),
        ["data of a type nobody knows"] = (
            s => Users(s).Data(Item, "item_id", 9, 0L, 1L).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id']: got type 9 data, expected INT64"),
        ["data without a type"] = (
            s => Users(s).Data(Item, "item_id", 0, 0L, 1L).Floats(Item, "item_dense", TwoItems),
            "candidate_features['item_id'].type: got none, expected INT64, because data is filled"),
        ["typed list with another type stated"] = (
            s => Good(s).Also(1, column => column.StatedType = 2),
            "user_features['user_dense'].type: got INT64, expected FLOAT, because FLOAT values came"),
        ["two forms at once"] = (
            s => Good(s).Also(0, column => column.Data.Append(8).Clear()),
            "user_features['user_id']: got 2 of data, floats, int64s and strings, expected exactly one of them"),
        ["user feature without values"] = (
            s => Items(s).Int64s(User, "user_id").Floats(User, "user_dense", Dense),
            "user_features['user_id']: got no values, expected 1 (1 user x 1)"),
        ["candidate feature without values"] = (
            s => Users(s).Int64s(Item, "item_id", 0, 1).Floats(Item, "item_dense"),
            "candidate_features['item_dense']: got no values, expected 4 (2 candidates x 2)"),
        ["too few bytes"] = (
            s => Users(s).Int64s(Item, "item_id", 0, 1).Data(Item, "item_dense", 1, 1f, 2f, 3f),
            "candidate_features['item_dense'].data: got 12 bytes, expected 16 (2 candidates x 2 of 4 bytes)"),
        ["half a number of bytes"] = (
            s => Users(s).Data(Item, "item_id", 2, new byte[15]).Floats(Item, "item_dense", 1, 2),
            "candidate_features['item_id'].data: got 15 bytes, expected 8 (1 candidates x 1 of 8 bytes)"),
        ["bytes of half a number for the only candidate"] = (
            s => s.Ask("log").Data(Item, "x", 1, new byte[7]),
            "candidate_features['x'].data: got 7 bytes, expected 4 (1 candidates x 1 of 4 bytes)"),
        ["wrong row count"] = (
            s => With(s, items: [1, 2, 3, 4, 5, 6]),
            "candidate_features['item_dense']: got 6 values, expected 4 (2 candidates x 2)"),
        ["wrong user width"] = (
            s => With(s, dense: [1, 2, 3]),
            "user_features['user_dense']: got 3 values, expected 4 (1 user x 4)"),
        ["two users"] = (
            s => With(s, dense: [1, 2, 3, 4, 5, 6, 7, 8]),
            "user_features['user_dense']: got 8 values, expected 4 (1 user x 4)"),
        ["too many ids"] = (
            s => Good(s).Ids(1, 2, 3),
            "candidate_ids: got 3 ids, expected none or 2, as the candidate features have 2 rows"),
        ["too few ids"] = (
            s => Good(s).Ids(1),
            "candidate_ids: got 1 ids, expected none or 2, as the candidate features have 2 rows"),
        ["ids that match one feature of two"] = (
            s => With(s, items: [1, 2, 3, 4, 5, 6]).Ids(1, 2, 3),
            "candidate_features['item_id']: got 2 values, expected 3 (3 candidates x 1)"),
        ["ids and features that all differ"] = (
            s => With(s, ids: [1, 2], items: [1, 2, 3, 4, 5, 6]).Ids(1),
            "candidate_features['item_id']: got 2 values, expected 1 (1 candidates x 1)"),
        ["ids that do not match data"] = (
            s => Users(s).Data(Item, "item_id", 2, 0L, 1L).Data(Item, "item_dense", 1, TwoItems).Ids(1, 2, 3),
            "candidate_ids: got 3 ids, expected none or 2, as the candidate features have 2 rows"),
        ["zero candidates"] = (
            s => Users(s).Int64s(Item, "item_id").Floats(Item, "item_dense"),
            "candidate_features: got 0 candidates, expected 1 to 8"),
        ["too many candidates"] = (
            s => With(s, ids: new long[9], items: new float[18]),
            "candidate_features: got 9 candidates, expected 1 to 8"),
        ["too many ids for any request"] = (
            s => Good(s).Ids(new long[9]),
            "candidate_features: got 9 candidates, expected 1 to 8"),
        ["too many bytes"] = (
            s => Good(s).Also(1, column => column.Floats.Append(1000)),
            "user_features and candidate_features: got 1056 bytes of values, expected at most 1000"),
        ["negative top_k"] = (
            s => Good(s).Top(-1),
            "top_k: got -1, expected 0 (the default, 10) to 5"),
        ["top_k above the limit"] = (
            s => Good(s).Top(6),
            "top_k: got 6, expected 0 (the default, 10) to 5"),
        ["NaN"] = (
            s => With(s, items: [1, 2, float.NaN, 4]),
            "candidate_features['item_dense'] row 1 column 0: got NaN, expected a finite number"),
        ["infinity"] = (
            s => With(s, items: [1, float.PositiveInfinity, 3, 4]),
            "candidate_features['item_dense'] row 0 column 1: got Infinity, expected a finite number"),
        ["minus infinity of the user"] = (
            s => With(s, dense: [1, 2, 3, float.NegativeInfinity]),
            "user_features['user_dense'] row 0 column 3: got -Infinity, expected a finite number"),
        ["id too high"] = (
            s => With(s, ids: [0, 100]),
            "candidate_features['item_id'] row 1: got id 100, expected 0 to 99"),
        ["id negative"] = (
            s => With(s, ids: [-1, 0]),
            "candidate_features['item_id'] row 0: got id -1, expected 0 to 99"),
        ["id far below"] = (
            s => With(s, ids: [0, long.MinValue]),
            "candidate_features['item_id'] row 1: got id -9223372036854775808, expected 0 to 99"),
        ["id that wraps into the range in 32 bits"] = (
            s => With(s, ids: [1L << 32, 0]),
            "candidate_features['item_id'] row 0: got id 4294967296, expected 0 to 99"),
        ["user id too high"] = (
            s => With(s, user: 10),
            "user_features['user_id'] row 0: got id 10, expected 0 to 9"),
    };
}

/// <summary>Spoils a feature of a good request.</summary>
internal static class RankQuerySpoiling
{
    public static RankQuery Also(this RankQuery query, int userFeature, Action<FeatureColumn> spoil)
    {
        spoil(query.UserFeatures[userFeature]);
        return query;
    }
}

using Google.Protobuf;
using Pantheon.Contracts.V1;
using Pantheon.Rig;

namespace Pantheon.Serving.Tests.Border;

/// <summary>Every way in which a request can be wrong, with the words that its sender gets: field, what came, what was expected.</summary>
internal static class BadInput
{
    /// <summary>Changes to the golden request of 7 candidates of the shipped model, whose inputs are user_id, user_dense (7), item_id and item_dense (2).</summary>
    public static IReadOnlyDictionary<string, (Action<RankRequest> Change, string Message)> OfDemo { get; } = new Dictionary<string, (Action<RankRequest>, string)>
    {
        ["unknown user feature"] = (r => r.UserFeatures[0].Name = "nonsense", "user_features[0].name: got 'nonsense', expected one of user_id, user_dense"),
        ["unknown candidate feature"] = (r => r.CandidateFeatures[1].Name = "nonsense", "candidate_features[1].name: got 'nonsense', expected one of item_id, item_dense"),
        ["feature without name"] = (r => r.CandidateFeatures[0].Name = "", "candidate_features[0].name: got '', expected one of item_id, item_dense"),
        ["feature on the wrong side"] = (r => r.UserFeatures.Add(r.CandidateFeatures[0]), "user_features['item_id']: got it here, expected it in candidate_features"),
        ["missing user feature"] = (r => r.UserFeatures.RemoveAt(0), "user_features: got no feature 'user_id', expected one (INT64, 1 per user)"),
        ["missing candidate feature"] = (r => r.CandidateFeatures.RemoveAt(1), "candidate_features: got no feature 'item_dense', expected one (FLOAT, 2 per candidate)"),
        ["repeated feature"] = (r => r.CandidateFeatures.Add(r.CandidateFeatures[1]), "candidate_features['item_dense']: got it more than once, expected it once"),
        ["wrong type of list"] = (r => r.CandidateFeatures[1] = Ints("item_dense", new long[14]), "candidate_features['item_dense']: got INT64 values, expected FLOAT"),
        ["wrong type of data"] = (r => r.CandidateFeatures[0].Type = DataType.Float, "candidate_features['item_id']: got FLOAT data, expected INT64"),
        ["strings for numbers"] = (r => r.CandidateFeatures[0] = Words("item_id", 7), "candidate_features['item_id']: got STRING values, expected INT64"),
        ["data without type"] = (r => r.CandidateFeatures[0].Type = DataType.Unspecified, "candidate_features['item_id'].type: got none, expected INT64, because data is filled"),
        ["type that does not exist"] = (r => r.CandidateFeatures[0].Type = (DataType)9, "candidate_features['item_id']: got type 9 data, expected INT64"),
        ["type that contradicts the list"] = (r => r.UserFeatures[1] = new Feature(Floats("user_dense", new float[7])) { Type = DataType.Int64 }, "user_features['user_dense'].type: got INT64, expected FLOAT, because FLOAT values came"),
        ["two forms"] = (r => r.CandidateFeatures[1].Floats.Add(1), "candidate_features['item_dense']: got 2 of data, floats, int64s and strings, expected exactly one of them"),
        ["no values"] = (r => r.CandidateFeatures[1].Data = ByteString.Empty, "candidate_features['item_dense']: got no values, expected 14 (7 candidates x 2)"),
        ["wrong byte length"] = (r => r.CandidateFeatures[1].Data = Bytes(55), "candidate_features['item_dense'].data: got 55 bytes, expected 56 (7 candidates x 2 of 4 bytes)"),
        ["row too few in data"] = (r => r.CandidateFeatures[0].Data = Bytes(48), "candidate_features['item_id'].data: got 48 bytes, expected 56 (7 candidates x 1 of 8 bytes)"),
        ["row too many in a list"] = (r => r.CandidateFeatures[0] = Ints("item_id", new long[8]), "candidate_features['item_id']: got 8 values, expected 7 (7 candidates x 1)"),
        ["row too few in a list"] = (r => r.CandidateFeatures[1] = Floats("item_dense", new float[13]), "candidate_features['item_dense']: got 13 values, expected 14 (7 candidates x 2)"),
        ["user twice"] = (r => r.UserFeatures[1] = Floats("user_dense", new float[14]), "user_features['user_dense']: got 14 values, expected 7 (1 user x 7)"),
        ["user's data too short"] = (r => r.UserFeatures[0].Data = Bytes(4), "user_features['user_id'].data: got 4 bytes, expected 8 (1 user x 1 of 8 bytes)"),
        ["ids fewer than rows"] = (r => r.CandidateIds.RemoveAt(6), "candidate_ids: got 6 ids, expected none or 7, as the candidate features have 7 rows"),
        ["ids more than rows"] = (r => r.CandidateIds.Add(7), "candidate_ids: got 8 ids, expected none or 7, as the candidate features have 7 rows"),
        ["zero candidates"] = (Empty, "candidate_features: got 0 candidates, expected 1 to 512"),
        ["too many candidates"] = (r => Grow(r, 513), "candidate_features: got 513 candidates, expected 1 to 512"),
        ["too many bytes"] = (r => r.UserFeatures[1] = Floats("user_dense", new float[16_500]), "user_features and candidate_features: got 66120 bytes of values, expected at most 65536"),
        // Found while it is read: the rest is not kept.
        ["far too many bytes"] = (r => r.UserFeatures[1] = Floats("user_dense", new float[20_000]), "user_features, candidate_features and candidate_ids: got more than 69632 bytes of values, expected at most 65536 and the ids of 512 candidates"),
        ["top_k too large"] = (r => Top(r, 101), "top_k: got 101, expected 0 (the default, 10) to 100"),
        ["top_k negative"] = (r => Top(r, -1), "top_k: got -1, expected 0 (the default, 10) to 100"),
        ["NaN"] = (r => r.CandidateFeatures[1] = Floats("item_dense", With(new float[14], 5, float.NaN)), "candidate_features['item_dense'] row 2 column 1: got NaN, expected a finite number"),
        ["infinity"] = (r => r.CandidateFeatures[1] = Floats("item_dense", With(new float[14], 13, float.PositiveInfinity)), "candidate_features['item_dense'] row 6 column 1: got Infinity, expected a finite number"),
        ["minus infinity in data"] = (r => r.UserFeatures[1] = DemoModel.Feature("user_dense", With(new float[7], 0, float.NegativeInfinity), ValueForm.Data), "user_features['user_dense'] row 0 column 0: got -Infinity, expected a finite number"),
        ["version negative"] = (r => r.Version = -1, "version: got -1, expected 0 (the one in service) or above"),
        ["request_id too long"] = (r => r.RequestId = new string('x', 129), "request_id: got 129 bytes, expected at most 128"),
        ["scenario too long"] = (r => r.Scenario = new string('ë', 65), "scenario: got 130 bytes, expected at most 128"),
        ["user_key too long"] = (r => r.UserKey = new string('x', 200), "user_key: got 200 bytes, expected at most 128"),
        ["too many features"] = (r => r.UserFeatures.AddRange(Enumerable.Repeat(new Feature(), 1100)), "user_features: got more than 1024 features, expected at most 1024 in a request"),
    };

    /// <summary>Changes to a request of <see cref="ProbeModel.Strict"/> for two candidates, whose items are rows 0 to 9.</summary>
    public static IReadOnlyDictionary<string, (Action<RankRequest> Change, string Message)> OfProbe { get; } = new Dictionary<string, (Action<RankRequest>, string)>
    {
        ["id above the range"] = (r => r.CandidateFeatures[1] = Ints("item", [9, 10]), "candidate_features['item'] row 1: got id 10, expected 0 to 9"),
        ["id negative"] = (r => r.CandidateFeatures[1] = DemoModel.Feature("item", [-1L, 0], ValueForm.Data), "candidate_features['item'] row 0: got id -1, expected 0 to 9"),
        ["id that overflows"] = (r => r.CandidateFeatures[1] = Ints("item", [0, long.MinValue]), "candidate_features['item'] row 1: got id -9223372036854775808, expected 0 to 9"),
        ["user's id out of range"] = (r => r.UserFeatures[0] = Ints("rounds", [-5]), "user_features['rounds'] row 0: got id -5, expected 0 to 10000000"),
    };

    /// <summary>Changes to a request of <see cref="ProbeModel.Words"/>, whose items are words.</summary>
    public static IReadOnlyDictionary<string, (Action<RankRequest> Change, string Message)> OfWords { get; } = new Dictionary<string, (Action<RankRequest>, string)>
    {
        ["numbers for strings"] = (r => r.CandidateFeatures[1] = Ints("item", [0, 1]), "candidate_features['item']: got INT64 values, expected STRING"),
        ["strings as data"] = (r => r.CandidateFeatures[1] = new Feature { Name = "item", Type = DataType.String, Data = Bytes(16) }, "candidate_features['item']: got STRING data, expected STRING values"),
        ["string too few"] = (r => r.CandidateFeatures[1].Strings.RemoveAt(1), "candidate_features['item']: got 1 values, expected 2 (2 candidates x 1)"),
    };

    private static ByteString Bytes(int length) => ByteString.CopyFrom(new byte[length]);

    private static Feature Ints(string name, long[] values) => DemoModel.Feature(name, values, ValueForm.Lists);

    private static Feature Floats(string name, float[] values) => DemoModel.Feature(name, values, ValueForm.Lists);

    private static Feature Words(string name, int count) => new() { Name = name, Strings = { Enumerable.Repeat("w", count) } };

    private static float[] With(float[] values, int index, float value)
    {
        values[index] = value;
        return values;
    }

    // Who asks for all candidates may leave anything in top_k.
    private static void Top(RankRequest request, int k)
    {
        request.TopK = k;
        request.Output.All = false;
    }

    private static void Empty(RankRequest request)
    {
        request.CandidateIds.Clear();
        foreach (var feature in request.CandidateFeatures)
        {
            feature.Data = ByteString.Empty;
        }
    }

    private static void Grow(RankRequest request, int candidates)
    {
        request.CandidateIds.Clear();
        request.CandidateFeatures[0] = Ints("item_id", new long[candidates]);
        request.CandidateFeatures[1] = Floats("item_dense", new float[candidates * 2]);
    }
}

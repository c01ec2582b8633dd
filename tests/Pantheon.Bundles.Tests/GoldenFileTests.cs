using System.Text;

namespace Pantheon.Bundles.Tests;

public sealed class GoldenFileTests
{
    private static readonly IReadOnlyList<InputSpec> Inputs = Sample.Draft.Inputs;
    private static readonly IReadOnlyList<OutputSpec> Outputs = Sample.Draft.Outputs;

    private const string User = "\"user_id\":[2],\"user_dense\":[[0.5,1]],";
    private const string Items = "\"item_id\":[3,0],\"item_dense\":[[1,2],[3,4]]";

    [Fact]
    public void Parse_AValidRequest_GivesTensorsByName()
    {
        var request = Assert.Single(Parse($"{{\"requests\":[{{{User}{Items},\"score\":[0.25,0.5]}}]}}"));
        Assert.Equal(2, request.Candidates);
        Assert.Equal([3L, 0L], request.Inputs["item_id"].Int64s!);
        Assert.Null(request.Inputs["item_id"].Floats);
        Assert.Equal([2L, 2L], request.Inputs["item_dense"].Shape);
        Assert.Equal([1f, 2f, 3f, 4f], request.Inputs["item_dense"].Floats!);
        Assert.Equal([1L, 2L], request.Inputs["user_dense"].Shape);
        Assert.Equal([0.25f, 0.5f], request.Outputs["score"].Floats!);
        Assert.Equal(["score"], request.Outputs.Keys);
    }

    [Fact]
    public void Write_RandomFloats_ReadsBackTheSameBits()
    {
        var random = new Random(11);
        var floats = new List<float> { -0f, float.Epsilon, float.MaxValue, float.MinValue, 1f / 3, 16777217 };
        while (floats.Count < 20_000)
        {
            var value = BitConverter.Int32BitsToSingle((int)random.NextInt64(int.MinValue, (long)int.MaxValue + 1));
            if (float.IsFinite(value))
            {
                floats.Add(value);
            }
        }

        var request = Sample.Goldens[0] with
        {
            Candidates = floats.Count,
            Inputs = new Dictionary<string, GoldenTensor>(Sample.Goldens[0].Inputs)
            {
                ["item_id"] = new() { Shape = [floats.Count], Int64s = new long[floats.Count] },
                ["item_dense"] = new() { Shape = [floats.Count, 2], Floats = new float[2 * floats.Count] },
            },
            Outputs = new Dictionary<string, GoldenTensor> { ["score"] = new() { Shape = [floats.Count], Floats = [.. floats] } },
        };
        var read = Parse(Write([request, Sample.Goldens[0]]));
        Assert.Equal(2, read.Count);
        Assert.Equal(floats.Select(BitConverter.SingleToInt32Bits), read[0].Outputs["score"].Floats!.Select(BitConverter.SingleToInt32Bits));
        Assert.Equal(Write(read), Write([request, Sample.Goldens[0]]));
    }

    [Fact]
    public void Write_IsReadByPython_AsTheSameNumbers()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["golden.json"], Write(Sample.Goldens));
        // Python rounds each decimal to a double and struct rounds that to a float; both are exact for the shortest digits of a float.
        const string script = "import json,struct,sys; r=json.load(open(sys.argv[1]))['requests'][0]; "
            + "print(r['user_id'], r['item_id'], struct.pack('<2f', *r['user_dense'][0]).hex(), struct.pack('<4f', *sum(r['pxtr'], [])).hex())";
        Assert.Equal(
            $"[2] [3, 0] {Hex(0.1f, -3e-38f)} {Hex(0.1f, 0.2f, 0.3f, 0.4f)}",
            Shell.Run("python3", "-c", script, folder["golden.json"]).Trim());
    }

    [Fact]
    public void Write_NotFinite_IsRefused()
    {
        var request = Sample.Goldens[0] with
        {
            Outputs = new Dictionary<string, GoldenTensor> { ["score"] = new() { Shape = [2], Floats = [0, float.NaN] } },
        };
        Assert.Equal("golden.json: score: NaN at 1, expected a finite number", Sample.Refusal(() => Write([request])));
    }

    [Fact]
    public void Import_WithOtherTopLevelKeys_PassesThemOver()
    {
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["g.json"], $"{{\"own\":{{\"mean\":[1,{{}}]}},\"requests\":[{{{User}{Items},\"score\":[1,2]}}],\"of\":\"x\"}}");
        Assert.Single(GoldenFile.Import(folder["g.json"], Inputs, Outputs));
        Assert.Contains(
            "golden.json: own: unknown key, expected only requests",
            Sample.Refusal(() => Parse(File.ReadAllText(folder["g.json"]))),
            StringComparison.Ordinal);
    }

    [Fact]
    public void Import_NoSuchFile_NamesIt() =>
        Assert.StartsWith("/nowhere/g.json: ", Sample.Refusal(() => GoldenFile.Import("/nowhere/g.json", Inputs, Outputs)), StringComparison.Ordinal);

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "a list, expected an object")]
    [InlineData("{}", "requests: missing, expected at least one request")]
    [InlineData("{\"requests\":[]}", "requests: none, expected at least one request")]
    [InlineData("{\"requests\":{}}", "requests: an object, expected a list")]
    [InlineData("{\"requests\":[1]}", "requests[0]: 1, expected an object")]
    [InlineData("{\"requests\":[{}]} x", "requests[0].user_id: missing, expected every input")]
    [InlineData("{\"requests\":[{\"colour\":[1]}]}", "requests[0].colour: neither an input nor an output, expected user_id, user_dense, item_id")]
    [InlineData("{\"requests\":[{\"\\ud800\":[1]}]}", "not Unicode")]
    [InlineData("{\"requests\":[{\"user_id\":[1],\"user_id\":[1]}]}", "requests[0].user_id: the key came twice, expected it once")]
    [InlineData("{\"requests\":[{\"user_id\":1}]}", "requests[0].user_id: 1, expected a list, as the shape is [1]")]
    [InlineData("{\"requests\":[{\"user_id\":null}]}", "requests[0].user_id: null, expected a list")]
    [InlineData("{\"requests\":[{\"user_id\":[]}]}", "requests[0].user_id: 0 elements, expected 1, as the shape is [1]")]
    [InlineData("{\"requests\":[{\"user_id\":[1,2]}]}", "requests[0].user_id: 2 elements, expected 1")]
    [InlineData("{\"requests\":[{\"user_id\":[1.5]}]}", "requests[0].user_id[0]: 1.5, expected an integer of 64 bits")]
    [InlineData("{\"requests\":[{\"user_id\":[\"1\"]}]}", "requests[0].user_id[0]: the text \"1\", expected an integer of 64 bits")]
    [InlineData("{\"requests\":[{\"user_id\":[3]}]}", "requests[0].user_id[0]: 3, expected an id from 0 to 2")]
    [InlineData("{\"requests\":[{\"user_dense\":[[1,null]]}]}", "requests[0].user_dense[0][1]: null, expected a finite number")]
    [InlineData("{\"requests\":[{\"user_dense\":[[1,1e39]]}]}", "requests[0].user_dense[0][1]: 1e39, expected a finite number")]
    [InlineData("{\"requests\":[{\"user_dense\":[[1,\"NaN\"]]}]}", "requests[0].user_dense[0][1]: the text \"NaN\", expected a finite number")]
    [InlineData("{\"requests\":[{\"user_dense\":[[1,NaN]]}]}", "not JSON")]
    [InlineData("{\"requests\":[{\"user_dense\":[[1,[2]]]}]}", "requests[0].user_dense[0][1]: a list, expected a finite number")]
    [InlineData("{\"requests\":[{\"item_id\":[]}]}", "requests[0].item_id: 0 elements, expected at least one, as the shape is [candidates]")]
    [InlineData("{\"requests\":[{\"item_dense\":[[1,2],[3]]}]}", "requests[0].item_dense[1]: 1 elements, expected 2, as the shape is [candidates, 2]")]
    [InlineData("{\"requests\":[{\"item_id\":[1,2],\"item_dense\":[[1,2]]}]}", "requests[0].item_dense: 1 candidates, expected 2, as before it")]
    [InlineData("{\"requests\":[{" + User + Items + "}]}", "requests[0]: no outputs, expected at least one of score, pxtr")]
    [InlineData("{\"requests\":[{" + User + Items + ",\"score\":[1]}]}", "requests[0].score: 1 candidates, expected 2")]
    [InlineData("{\"requests\":[{" + User + Items + ",\"score\":[1,2]}],\"requests\":[]}", "requests: the key came twice")]
    public void Parse_WithAMistake_NamesRequestNameWhatCameAndWhatWasExpected(string json, string expected)
    {
        var message = Sample.Refusal(() => Parse(json));
        Assert.StartsWith("golden.json: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Fact]
    public void Parse_Truncated_IsRefusedAtEveryLength()
    {
        var json = Write(Sample.Goldens).TrimEnd();
        for (var length = 0; length < json.Length; length++)
        {
            Sample.Refusal(() => Parse(json[..length]));
        }
    }

    [Fact]
    public void Parse_DeeplyNested_IsRefused()
    {
        var nest = new string('[', 100_000);
        Assert.Contains("requests[0].user_id[0]: a list", Sample.Refusal(() => Parse("{\"requests\":[{\"user_id\":" + nest)), StringComparison.Ordinal);
        using var folder = new TemporaryFolder();
        File.WriteAllText(folder["g.json"], "{\"of\":" + nest);
        Assert.Contains("not JSON", Sample.Refusal(() => GoldenFile.Import(folder["g.json"], Inputs, Outputs)), StringComparison.Ordinal);
    }

    private static string Hex(params float[] values) => Convert.ToHexStringLower(values.SelectMany(BitConverter.GetBytes).ToArray());

    private static IReadOnlyList<GoldenRequest> Parse(string json) => GoldenFile.Parse(Encoding.UTF8.GetBytes(json), Inputs, Outputs);

    private static string Write(IReadOnlyList<GoldenRequest> requests)
    {
        using var stream = new MemoryStream();
        GoldenFile.Write(stream, requests);
        return Encoding.UTF8.GetString(stream.ToArray());
    }
}

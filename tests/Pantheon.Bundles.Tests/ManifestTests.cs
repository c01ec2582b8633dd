using System.Text;
using System.Text.Json;
using System.Text.Json.Nodes;

namespace Pantheon.Bundles.Tests;

public sealed class ManifestTests
{
    private static readonly string Digest = new('0', 64);

    private static Manifest Finished => Sample.Draft with
    {
        Files =
        [
            new FileEntry("model.onnx", Digest, 10),
            new FileEntry("vocabularies/item_id.tsv", Digest, 10),
            new FileEntry("vocabularies/user_id.tsv", Digest, 10),
        ],
    };

    [Fact]
    public void ToJson_ParsedAgain_GivesTheSameBytes()
    {
        var json = Finished.ToJson();
        Assert.Equal(json, Manifest.Parse(json).ToJson());
    }

    [Fact]
    public void ToJson_OfASmallManifest_IsReadableAndInDeclaredOrder()
    {
        var manifest = new Manifest
        {
            Model = "m",
            Version = 1,
            Inputs = [new InputSpec { Name = "i", Type = ElementType.Int64, Side = FeatureSide.Candidate, Shape = [null], Range = new IdRange(0, 9) }],
            Outputs = [new OutputSpec { Name = "s", Role = OutputRole.Score, Shape = [null] }],
            Objectives = [],
            Lineage = new Lineage { CreatedAt = new DateTimeOffset(2026, 1, 31, 12, 0, 0, TimeSpan.Zero), CreatedBy = "p", Notes = "é" },
            Files = [new FileEntry("model.onnx", "ab", 3)],
        };
        const string expected = """
            {
              "schema_version": 1,
              "model": "m",
              "version": 1,
              "inputs": [
                {
                  "name": "i",
                  "type": "int64",
                  "side": "candidate",
                  "shape": [
                    null
                  ],
                  "range": {
                    "min": 0,
                    "max": 9
                  },
                  "allow_non_finite": false
                }
              ],
              "outputs": [
                {
                  "name": "s",
                  "role": "score",
                  "shape": [
                    null
                  ]
                }
              ],
              "objectives": [],
              "non_finite_scores": "fail",
              "lineage": {
                "created_at": "2026-01-31T12:00:00+00:00",
                "created_by": "p",
                "notes": "é"
              },
              "files": [
                {
                  "name": "model.onnx",
                  "sha256": "ab",
                  "size": 3
                }
              ]
            }

            """;
        Assert.Equal(expected.ReplaceLineEndings("\n"), Encoding.UTF8.GetString(manifest.ToJson()));
    }

    [Fact]
    public void Parse_WithoutOptionalKeys_TakesDefaults()
    {
        var manifest = Parse(json =>
        {
            json.Remove("calibration");
            json.Remove("non_finite_scores");
            json["inputs"]![1]!.AsObject().Remove("allow_non_finite");
        });
        Assert.Null(manifest.Calibration);
        Assert.Equal(NonFiniteScores.Fail, manifest.NonFiniteScores);
        Assert.False(manifest.Inputs[1].AllowNonFinite);
    }

    [Fact]
    public void Parse_CalibrationWithoutScenarios_HasNone() =>
        Assert.Empty(Parse(json => json["calibration"]!.AsObject().Remove("scenarios")).Calibration!.Scenarios);

    [Fact]
    public void Width_OfShapes_IsTheProductOfKnownDimensions()
    {
        static InputSpec Input(FeatureSide side, params long?[] shape) => new() { Name = "x", Type = ElementType.Float, Side = side, Shape = shape };
        Assert.Equal(1, Input(FeatureSide.User).Width);
        Assert.Equal(12, Input(FeatureSide.Candidate, 1, null, 3, 4).Width);
        Assert.True(Input(FeatureSide.User, null, 3).Tiled);
        Assert.False(Input(FeatureSide.User, 1, 3).Tiled);
        Assert.False(Input(FeatureSide.Candidate, null, 3).Tiled);
    }

    [Fact]
    public void Parse_OnePxtrOutputPerObjective_KeepsTheirOrder()
    {
        var manifest = Parse(json => json["outputs"] = JsonNode.Parse("""
            [{"name":"v","role":"pxtr","shape":[null,1]},{"name":"s","role":"score","shape":[null,1]},{"name":"c","role":"pxtr","shape":[null]}]
            """));
        Assert.Equal(["v", "c"], manifest.Pxtrs.Select(output => output.Name));
        Assert.Equal("s", manifest.Score.Name);
    }

    public static TheoryData<string, string?, string> Refusals => new()
    {
        { "schema_version", "2", "schema version 2, this service reads 1" },
        { "schema_version", "1e99", "schema version 1e99, this service reads 1" },
        { "schema_version", "\"1\"", "schema_version: \"1\", expected an integer of 32 bits" },
        { "schema_version", null, "schema_version: missing, expected an integer of 32 bits" },
        { "surprise", "1", "surprise: unknown key, expected only schema_version, model, version, inputs" },
        { "inputs.0.vocabulary.colour", "1", "inputs[0].vocabulary.colour: unknown key, expected only file, kind, unknown_row" },
        { "model", null, "model: missing, expected a text" },
        { "model", "null", "model: null, expected a text" },
        { "model", "\"../x\"", "model: \"../x\", expected a letter or digit" },
        { "model", "\"\"", "model: \"\", expected a letter or digit" },
        { "version", "0", "version: 0, expected a positive number" },
        { "version", "-1", "version: -1, expected a positive number" },
        { "version", "1.5", "version: 1.5, expected an integer of 64 bits" },
        { "version", "99999999999999999999", "version: 99999999999999999999, expected an integer of 64 bits" },
        { "version", "\"3\"", "version: \"3\", expected an integer of 64 bits" },
        { "inputs", "null", "inputs: null, expected a list" },
        { "inputs", "{}", "inputs: an object, expected a list" },
        { "inputs", "[]", "inputs: 0 of the user, expected at least one of the candidates" },
        { "inputs.0", "null", "inputs[0]: null, expected an object" },
        { "inputs.0.name", "\"item_id\"", "inputs[2].name: \"item_id\" came before, expected each name once" },
        { "inputs.0.name", "\"\"", "inputs[0].name: \"\", expected 1 to 256 characters" },
        { "inputs.0.type", "\"float16\"", "inputs[0].type: \"float16\", expected \"float\" or \"int64\"" },
        { "inputs.0.type", "1", "inputs[0].type: 1, expected \"float\" or \"int64\"" },
        { "inputs.0.type", "\"Int64\"", "inputs[0].type: \"Int64\", expected \"float\" or \"int64\"" },
        { "inputs.0.side", "\"context\"", "inputs[0].side: \"context\", expected \"user\" or \"candidate\"" },
        { "inputs.0.shape", "null", "inputs[0].shape: null, expected a list" },
        { "inputs.3.shape", "[null,null]", "inputs[3].shape: 2 candidate dimensions (null), expected exactly one" },
        { "inputs.1.shape", "[null,null]", "inputs[1].shape: 2 candidate dimensions (null), expected at most one" },
        { "inputs.3.shape", "[2]", "inputs[3].shape: 0 candidate dimensions (null), expected exactly one" },
        { "inputs.3.shape", "[2,null]", "inputs[3].shape: the candidate dimension (null) after one above 1" },
        { "inputs.3.shape", "[null,0]", "inputs[3].shape: dimension 0, expected 1 to 16777216" },
        { "inputs.3.shape", "[null,-2]", "inputs[3].shape: dimension -2, expected 1 to 16777216" },
        { "inputs.3.shape", "[null,16777216,2]", "inputs[3].shape: a product of known dimensions above 16777216" },
        { "inputs.3.shape", "[null,1,1,1,1,1,1,1,1]", "inputs[3].shape: 9 dimensions, expected at most 8" },
        { "inputs.3.shape.1", "\"2\"", "inputs[3].shape[1]: \"2\", expected an integer of 64 bits" },
        { "inputs.0.range.min", "-1", "inputs[0].range: -1 to 2, expected 0 <= min <= max" },
        { "inputs.0.range.min", "3", "inputs[0].range: 3 to 2, expected 0 <= min <= max" },
        { "inputs.0.range.min", null, "inputs[0].range.min: missing, expected an integer of 64 bits" },
        { "inputs.1.range", "{\"min\":0,\"max\":1}", "inputs[1].range: a range on a float input" },
        { "inputs.1.vocabulary", "{\"file\":\"f\",\"kind\":\"int64\",\"unknown_row\":0}", "inputs[1].vocabulary: a vocabulary on a float input" },
        { "inputs.0.allow_non_finite", "true", "inputs[0].allow_non_finite: true on an int64 input" },
        { "inputs.0.allow_non_finite", "\"no\"", "inputs[0].allow_non_finite: \"no\", expected true or false" },
        { "inputs.0.vocabulary.unknown_row", "3", "inputs[0].vocabulary.unknown_row: 3, expected a row from 0 to 2" },
        { "inputs.0.vocabulary.unknown_row", "-1", "inputs[0].vocabulary.unknown_row: -1, expected a row from 0 to 2" },
        { "inputs.0.vocabulary.kind", "\"uuid\"", "inputs[0].vocabulary.kind: \"uuid\", expected \"int64\" or \"string\"" },
        { "inputs.0.vocabulary.file", "\"u.tsv\"", "inputs[0].vocabulary.file: \"u.tsv\" is not among the files" },
        { "outputs.0.name", "\"pxtr\"", "outputs[1].name: \"pxtr\" came before" },
        { "outputs.0.name", "\"item_id\"", "outputs[0].name: \"item_id\" came before" },
        { "outputs.0.role", "\"pxtr\"", "outputs: 0 of role \"score\", expected exactly one" },
        { "outputs.1.role", "\"score\"", "outputs[1].shape: [null, 2], expected [null] or [null, 1]" },
        { "outputs.0.shape", "[1]", "outputs[0].shape: [1], expected [null] or [null, 1]" },
        { "outputs.1.shape", "[null,3]", "objectives: 2 named, expected 3, as the pxtr outputs have 3 columns" },
        { "outputs.1.shape", "[null,null]", "outputs[1].shape: [null, null], expected [null] or [null, M]" },
        { "objectives", "[\"a\",\"a\"]", "objectives[1]: \"a\" came before, expected each name once" },
        { "objectives", "[\"a\",null]", "objectives[1]: null, expected a text" },
        { "objectives", "[]", "objectives: 0 named, expected 2" },
        { "calibration.own.std", "0", "calibration.own.std: 0, expected a finite number above 0" },
        { "calibration.own.std", "-1", "calibration.own.std: -1, expected a finite number above 0" },
        { "calibration.own.std", "1e999", "calibration.own.std: Infinity, expected a finite number above 0" },
        { "calibration.own.std", "\"NaN\"", "calibration.own.std: \"NaN\", expected a number" },
        { "calibration.own.std", "1e-320", "calibration: baseline.std / own.std = Infinity, expected a finite number above 0" },
        { "calibration.baseline.mean", "-1e999", "calibration.baseline.mean: -Infinity, expected a finite number" },
        { "calibration.baseline", null, "calibration.baseline: missing, expected an object" },
        { "calibration.scenarios", "null", "calibration.scenarios: null, expected an object" },
        { "calibration.scenarios.feed.own.std", "0", "calibration.scenarios.feed.own.std: 0, expected a finite number above 0" },
        { "calibration.scenarios.feed", "null", "calibration.scenarios.feed: null, expected an object" },
        { "non_finite_scores", "\"ignore\"", "non_finite_scores: \"ignore\", expected \"fail\" or \"drop\"" },
        { "lineage", null, "lineage: missing, expected an object" },
        { "lineage.created_at", "\"yesterday\"", "lineage.created_at: \"yesterday\", expected a time" },
        { "lineage.source.sha256", null, "lineage.source.sha256: missing, expected a text" },
        { "files", null, "files: missing, expected a list" },
        { "files", "[]", "files: \"model.onnx\" is not among the files" },
        { "files.0.name", "\"/etc/passwd\"", "files[0].name: \"/etc/passwd\" (an absolute path), expected a relative path" },
        { "files.0.name", "\"a/../../b\"", "files[0].name: \"a/../../b\" (has an empty, '.' or '..' segment)" },
        { "files.0.name", "\"a//b\"", "files[0].name: \"a//b\" (has an empty, '.' or '..' segment)" },
        { "files.0.name", "\"..\\\\b\"", "files[0].name: \"..\\b\" (holds a control character, a backslash" },
        { "files.0.name", "\"a\\u0000b\"", "(holds a control character" },
        { "files.0.name", "\"manifest.json\"", "files[0].name: \"manifest.json\" (the manifest itself)" },
        { "files.1.name", "\"MODEL.onnx\"", "files[1].name: \"MODEL.onnx\" came before, expected each file once" },
        { "files.0.sha256", "\"AB\"", "files[0].sha256: \"AB\", expected 64 lower-case hexadecimal digits" },
        { "files.0.size", "0", "files[0].size: 0, expected at least 1 byte" },
        { "files.0.size", "-1", "files[0].size: -1, expected at least 1 byte" },
        { "files.0.size", "1e3", "files[0].size: 1e3, expected an integer of 64 bits" },
    };

    [Theory]
    [MemberData(nameof(Refusals))]
    public void Parse_WithAMistake_NamesKeyWhatCameAndWhatWasExpected(string path, string? value, string expected)
    {
        var message = Sample.Refusal(() => Parse(json => Edit(json, path, value)));
        Assert.StartsWith("manifest.json: ", message, StringComparison.Ordinal);
        Assert.Contains(expected, message, StringComparison.Ordinal);
    }

    [Theory]
    [InlineData("", "not JSON")]
    [InlineData("[]", "a list, expected an object")]
    [InlineData("null", "null, expected an object")]
    [InlineData("{}", "schema_version: missing")]
    [InlineData("{\"schema_version\":1,\"schema_version\":1}", "schema_version: the key came twice")]
    [InlineData("{\"schema_version\":1,}", "not JSON")]
    [InlineData("{\"schema_version\":1} x", "not JSON")]
    [InlineData("{\"schema_version\":1,\"model\":\"\\ud800\"}", "not Unicode")]
    [InlineData("{\"schema_version\":1,\"\\udc00\":\"\"}", "not Unicode")]
    [InlineData("// why\n{}", "not JSON")]
    public void Parse_NotAManifest_SaysSo(string text, string expected) =>
        Assert.Contains(expected, Sample.Refusal(() => Manifest.Parse(Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);

    [Fact]
    public void Parse_Truncated_IsRefusedAtEveryLength()
    {
        var json = Finished.ToJson();
        // The last byte is the newline after the closing brace.
        for (var length = 0; length < json.Length - 1; length++)
        {
            // Inside a letter of two bytes it is not UTF-8 either.
            Assert.Matches("not (JSON|UTF-8)", Sample.Refusal(() => Manifest.Parse(json.AsMemory(0, length))));
        }
    }

    [Fact]
    public void Parse_InvalidUtf8_IsRefused() =>
        Assert.Contains("not UTF-8", Sample.Refusal(() => Manifest.Parse(new byte[] { (byte)'{', 0xff, (byte)'}' })), StringComparison.Ordinal);

    [Fact]
    public void Parse_AboveTheLimit_IsRefused() =>
        Assert.Contains("at most 1048576", Sample.Refusal(() => Manifest.Parse(new byte[(1 << 20) + 1])), StringComparison.Ordinal);

    [Fact]
    public void Parse_DeeplyNested_IsRefused() =>
        Assert.Contains("not JSON", Sample.Refusal(() => Manifest.Parse(Encoding.ASCII.GetBytes(new string('[', 100_000)))), StringComparison.Ordinal);

    [Fact]
    public void Parse_DuplicateKeyInside_IsRefused()
    {
        var text = Encoding.UTF8.GetString(Finished.ToJson()).Replace("\"min\": 0,", "\"min\": 0, \"min\": 0,", StringComparison.Ordinal);
        Assert.Contains("inputs[0].range.min: the key came twice", Sample.Refusal(() => Manifest.Parse(Encoding.UTF8.GetBytes(text))), StringComparison.Ordinal);
    }

    private static Manifest Parse(Action<JsonObject> edit)
    {
        var json = JsonNode.Parse(Finished.ToJson())!.AsObject();
        edit(json);
        return Manifest.Parse(Encoding.UTF8.GetBytes(json.ToJsonString()));
    }

    private static void Edit(JsonObject root, string path, string? value)
    {
        var keys = path.Split('.');
        JsonNode node = root;
        foreach (var key in keys[..^1])
        {
            node = (int.TryParse(key, out var index) ? node[index] : node[key])!;
        }

        // A clone of the text, not of its value, which might not fit a number.
        var replacement = value is null ? null : JsonNode.Parse(value);
        if (node is JsonArray list)
        {
            list[int.Parse(keys[^1])] = replacement;
        }
        else if (value is null)
        {
            Assert.True(node.AsObject().Remove(keys[^1]));
        }
        else
        {
            node.AsObject()[keys[^1]] = replacement;
        }
    }
}

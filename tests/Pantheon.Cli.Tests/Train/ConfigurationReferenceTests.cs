using System.Text.Json;
using System.Text.Json.Nodes;
using System.Text.RegularExpressions;
using Pantheon.Learning.Training;

namespace Pantheon.Cli.Tests.Train;

/// <summary>docs/learning.md lists the configuration as it is.</summary>
public sealed partial class ConfigurationReferenceTests
{
    // Longer lists are counted on the page.
    private const int LongestList = 8;

    [Fact]
    public void Reference_Keys_AreThoseOfTheConfigurationWithTheirDefaults()
    {
        var defaults = Flatten("", JsonNode.Parse(new TrainingConfig().ToJson())).ToDictionary(pair => pair.Key, pair => pair.Value, StringComparer.Ordinal);

        var listed = Row().Matches(Workplace.Document("learning.md"))
            .ToDictionary(row => row.Groups["key"].Value, row => row.Groups["default"].Value, StringComparer.Ordinal);

        Assert.Equal(defaults.Keys.Order(StringComparer.Ordinal), listed.Keys.Order(StringComparer.Ordinal));
        Assert.All(defaults, pair => Assert.Equal($"{pair.Key}: {pair.Value}", $"{pair.Key}: {listed[pair.Key]}"));
    }

    private static IEnumerable<KeyValuePair<string, string>> Flatten(string path, JsonNode? node) => node switch
    {
        JsonObject { Count: > 0 } map => map.SelectMany(pair => Flatten(path.Length == 0 ? pair.Key : $"{path}.{pair.Key}", pair.Value)),
        JsonArray { Count: 1 } list when list[0] is JsonObject => Flatten($"{path}[]", list[0]).Prepend(new(path, "one")),
        JsonArray { Count: > LongestList } list => [new(path, $"all {list.Count}")],
        _ => [new(path, node?.ToJsonString(JsonSerializerOptions.Default) ?? "null")],
    };

    [GeneratedRegex(@"^\| `(?<key>[a-z_.\[\]]+)` \| [^|]+ \| `(?<default>[^`]+)` \| [^|]+ \|$", RegexOptions.Multiline)]
    private static partial Regex Row();
}

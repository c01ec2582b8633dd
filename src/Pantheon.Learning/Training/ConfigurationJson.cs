using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Learning.Training;

/// <summary>How configuration files are written and read.</summary>
public static class ConfigurationJson
{
    /// <summary>Lower snake case, comments allowed.</summary>
    public static JsonSerializerOptions Options { get; } = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // A misspelt key is never silently a default.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
        NewLine = "\n",
    };

    /// <summary>What is wrong with a file, and in which line of it.</summary>
    public static string Explain(string path, JsonException error)
    {
        ArgumentNullException.ThrowIfNull(error);
        return $"{path}: line {error.LineNumber + 1}: {error.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0]}";
    }
}

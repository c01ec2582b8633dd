using System.Text.Json;
using System.Text.Json.Serialization;
using Pantheon.Learning.Data;
using Pantheon.Learning.Policies;
using Pantheon.Modeling;

namespace Pantheon.Learning.Training;

/// <summary>Everything that a training depends on but the data: one JSON file.</summary>
public sealed record TrainingConfig
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // A misspelt key is never silently a default.
        UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
        ReadCommentHandling = JsonCommentHandling.Skip,
        AllowTrailingCommas = true,
        WriteIndented = true,
    };

    /// <summary>Objectives, features and vocabularies.</summary>
    public FeatureOptions Features { get; init; } = new();

    /// <summary>Ranking model and heads.</summary>
    public RecommenderOptions Model { get; init; } = new();

    public TrainingOptions Training { get; init; } = new();

    /// <summary>How weights are looked for; only `pantheon ippo` reads it.</summary>
    public IppoStreamOptions Ippo { get; init; } = new();

    /// <summary>Reads a file; what it leaves out keeps its default.</summary>
    /// <exception cref="DataException">Not such a file; the message says where.</exception>
    public static TrainingConfig Read(string path)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var config = JsonSerializer.Deserialize<TrainingConfig>(File.ReadAllBytes(path), s_json)
                ?? throw new DataException("null came, expected an object");
            TrainingConfigRules.Check(config);
            return config;
        }
        catch (JsonException error)
        {
            throw new DataException($"{path}: line {error.LineNumber + 1}: {error.Message.Split(" LineNumber:", 2)[0].Split(" Path:", 2)[0]}");
        }
        catch (DataException error)
        {
            throw new DataException($"{path}: {error.Message}");
        }
        catch (FileNotFoundException)
        {
            throw new DataException($"{path}: no such file, expected a training configuration");
        }
    }

    /// <summary>The whole configuration, defaults spelt out.</summary>
    public string ToJson() => JsonSerializer.Serialize(this, s_json);
}

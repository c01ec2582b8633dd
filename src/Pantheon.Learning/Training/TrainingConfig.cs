using System.Text.Json;
using Pantheon.Learning.Data;
using Pantheon.Learning.Policies;
using Pantheon.Modeling;

namespace Pantheon.Learning.Training;

/// <summary>Everything that a training depends on but the data: one JSON file.</summary>
public sealed record TrainingConfig
{
    private static readonly JsonDocumentOptions s_document = new() { CommentHandling = JsonCommentHandling.Skip, AllowTrailingCommas = true };

    private static readonly (string Section, string Name)[] s_settled =
        [("model", "ranking"), ("training", "ranking_pairwise"), ("features", "objectives"), ("features", "history_length"), ("features", "profile_columns")];

    /// <summary>Objectives, features and vocabularies.</summary>
    public FeatureOptions Features { get; init; } = new();

    /// <summary>Ranking model and heads.</summary>
    public RecommenderOptions Model { get; init; } = new();

    public TrainingOptions Training { get; init; } = new();

    /// <summary>How weights are looked for; only `pantheon ippo` reads it.</summary>
    public IppoStreamOptions Ippo { get; init; } = new();

    /// <summary>Reads a file; what it leaves out keeps its default.</summary>
    /// <param name="frozen">Whether the ranking model is there already: keys that say how to make one are refused then.</param>
    /// <exception cref="DataException">Not such a file; the message says where.</exception>
    public static TrainingConfig Read(string path, bool frozen = false)
    {
        ArgumentException.ThrowIfNullOrEmpty(path);
        try
        {
            var config = JsonSerializer.Deserialize<TrainingConfig>(File.ReadAllBytes(path), ConfigurationJson.Options)
                ?? throw new DataException("null came, expected an object");
            TrainingConfigRules.Check(config);
            if (frozen)
            {
                using var document = JsonDocument.Parse(File.ReadAllBytes(path), s_document);
                CheckSettled(document.RootElement);
            }

            return config;
        }
        catch (JsonException error)
        {
            throw new DataException(ConfigurationJson.Explain(path, error));
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
    /// <param name="frozen">Leaves out what a ranking model that is there already has settled.</param>
    public string ToJson(bool frozen = false)
    {
        var json = JsonSerializer.SerializeToNode(this, ConfigurationJson.Options)!;
        foreach (var key in frozen ? s_settled : [])
        {
            json[key.Section]!.AsObject().Remove(key.Name);
        }

        return json.ToJsonString(ConfigurationJson.Options);
    }

    private static void CheckSettled(JsonElement root)
    {
        foreach (var (section, name) in s_settled)
        {
            if (root.TryGetProperty(section, out var keys) && keys.TryGetProperty(name, out _))
            {
                throw new DataException($"{section}.{name}: came with a ranking model that is there already and settles it, expected no such key");
            }
        }
    }
}

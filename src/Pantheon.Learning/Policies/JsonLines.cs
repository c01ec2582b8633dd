using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Learning.Policies;

/// <summary>A journal: a line of JSON for each entry, appended and on disk before anything follows from it. A last line that a crash cut short is dropped.</summary>
public sealed class JsonLines : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // A window without a GAUC has NaN.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
        DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    };

    private readonly FileStream _file;

    private JsonLines(FileStream file) => _file = file;

    /// <summary>Opens a journal to append to, making it if it is not there.</summary>
    public static JsonLines Open(string path)
    {
        var kept = Encoding.UTF8.GetByteCount(string.Concat(WholeLines(path).Select(line => line + "\n")));
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        file.SetLength(kept);
        file.Position = kept;
        return new JsonLines(file);
    }

    /// <summary>The entries of a journal, oldest first; none if there is no file.</summary>
    /// <exception cref="InvalidDataException">A line that is not the last one cannot be read.</exception>
    public static IReadOnlyList<T> Read<T>(string path)
    {
        var entries = new List<T>();
        foreach (var line in WholeLines(path))
        {
            try
            {
                entries.Add(JsonSerializer.Deserialize<T>(line, s_json) ?? throw new JsonException("null"));
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"{path}: line {entries.Count + 1}: {error.Message}");
            }
        }

        return entries;
    }

    /// <summary>An entry as its line, without the line's end. Two entries are the same to the last bit if their lines are.</summary>
    public static string Line<T>(T entry) => JsonSerializer.Serialize(entry, s_json);

    /// <summary>Returns once the disk has it.</summary>
    public void Append<T>(T entry)
    {
        _file.Write(Encoding.UTF8.GetBytes(Line(entry) + "\n"));
        _file.Flush(flushToDisk: true);
    }

    public void Dispose() => _file.Dispose();

    private static string[] WholeLines(string path)
    {
        var text = File.Exists(path) ? File.ReadAllText(path) : "";
        var end = text.LastIndexOf('\n');
        return end < 0 ? [] : text[..end].Split('\n');
    }
}

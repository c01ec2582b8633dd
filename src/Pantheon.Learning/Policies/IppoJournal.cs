using System.Text;
using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Learning.Policies;

/// <summary>Every decision, a line of JSON each, appended and flushed as it is made. A last line that a crash cut short is dropped.</summary>
public sealed class IppoJournal : IDisposable
{
    private static readonly JsonSerializerOptions s_json = new()
    {
        PropertyNamingPolicy = JsonNamingPolicy.SnakeCaseLower,
        Converters = { new JsonStringEnumConverter(JsonNamingPolicy.SnakeCaseLower) },
        // A window without a GAUC has NaN.
        NumberHandling = JsonNumberHandling.AllowNamedFloatingPointLiterals,
    };

    private readonly FileStream _file;

    private IppoJournal(FileStream file) => _file = file;

    /// <summary>Opens a journal to append to, making it if it is not there.</summary>
    public static IppoJournal Open(string path)
    {
        var kept = Encoding.UTF8.GetByteCount(string.Concat(WholeLines(path).Select(line => line + "\n")));
        var file = new FileStream(path, FileMode.OpenOrCreate, FileAccess.Write, FileShare.Read);
        file.SetLength(kept);
        file.Position = kept;
        return new IppoJournal(file);
    }

    /// <summary>The decisions in a journal, oldest first; none if there is no file.</summary>
    /// <exception cref="InvalidDataException">A line that is not the last one cannot be read.</exception>
    public static IReadOnlyList<IppoDecision> Read(string path)
    {
        var decisions = new List<IppoDecision>();
        foreach (var line in WholeLines(path))
        {
            try
            {
                decisions.Add(JsonSerializer.Deserialize<IppoDecision>(line, s_json) ?? throw new JsonException("null"));
            }
            catch (JsonException error)
            {
                throw new InvalidDataException($"{path}: line {decisions.Count + 1}: {error.Message}");
            }
        }

        return decisions;
    }

    /// <summary>A decision as its line, without the line's end. Two decisions are the same to the last bit if their lines are.</summary>
    public static string Line(IppoDecision decision) => JsonSerializer.Serialize(decision, s_json);

    /// <summary>Returns once the disk has it.</summary>
    public void Append(IppoDecision decision)
    {
        _file.Write(Encoding.UTF8.GetBytes(Line(decision) + "\n"));
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

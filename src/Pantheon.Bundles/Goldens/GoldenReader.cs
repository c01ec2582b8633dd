using System.Globalization;
using System.Text;
using System.Text.Json;

namespace Pantheon.Bundles;

/// <summary>One pass over a golden file, led by the graph's shapes.</summary>
internal ref struct GoldenReader
{
    private const int ShownBytes = 60;

    private readonly IReadOnlyList<InputSpec> _inputs;
    private readonly IReadOnlyList<OutputSpec> _outputs;
    private readonly string _file;
    private Utf8JsonReader _json;

    public GoldenReader(ReadOnlySpan<byte> utf8, IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs, string file)
    {
        _inputs = inputs;
        _outputs = outputs;
        _file = file;
        _json = new Utf8JsonReader(utf8);
    }

    public List<GoldenRequest> Read(bool strict)
    {
        _json.Read();
        Expect(JsonTokenType.StartObject, "an object", "");
        List<GoldenRequest>? requests = null;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            if (_json.ValueTextEquals("requests"u8))
            {
                if (requests is not null)
                {
                    throw Refused("requests", "the key came twice", "it once");
                }

                requests = ReadRequests();
            }
            else if (strict)
            {
                throw Refused(_json.GetString()!, "unknown key", "only requests");
            }
            else
            {
                _json.Skip();
            }
        }

        // The reader itself refuses whatever follows the document.
        _json.Read();
        return requests is { Count: > 0 } ? requests : throw Refused("requests", requests is null ? "missing" : "none", "at least one request");
    }

    private List<GoldenRequest> ReadRequests()
    {
        _json.Read();
        Expect(JsonTokenType.StartArray, "a list", "requests");
        var requests = new List<GoldenRequest>();
        while (_json.Read() && _json.TokenType != JsonTokenType.EndArray)
        {
            requests.Add(ReadRequest(string.Create(CultureInfo.InvariantCulture, $"requests[{requests.Count}]")));
        }

        return requests;
    }

    private GoldenRequest ReadRequest(string path)
    {
        Expect(JsonTokenType.StartObject, "an object", path);
        var inputs = new Dictionary<string, GoldenTensor>(StringComparer.Ordinal);
        var outputs = new Dictionary<string, GoldenTensor>(StringComparer.Ordinal);
        var candidates = -1L;
        while (_json.Read() && _json.TokenType == JsonTokenType.PropertyName)
        {
            var name = _json.GetString()!;
            var tensorPath = $"{path}.{name}";
            if (inputs.ContainsKey(name) || outputs.ContainsKey(name))
            {
                throw Refused(tensorPath, "the key came twice", "it once");
            }

            var input = _inputs.FirstOrDefault(spec => spec.Name == name);
            var output = _outputs.FirstOrDefault(spec => spec.Name == name);
            var shape = input?.Shape ?? output?.Shape
                ?? throw Refused(tensorPath, "neither an input nor an output", string.Join(", ", Names(_inputs, _outputs)));
            var reader = new GoldenTensorReader(_file, tensorPath, input?.Type ?? ElementType.Float, shape, input?.Range);
            var tensor = reader.Read(ref _json);
            if (reader.Candidates is { } rows)
            {
                if (candidates >= 0 && rows != candidates)
                {
                    throw Refused(tensorPath, $"{rows} candidates", $"{candidates}, as before it");
                }

                candidates = rows;
            }

            (input is not null ? inputs : outputs).Add(name, tensor);
        }

        foreach (var input in _inputs)
        {
            if (!inputs.ContainsKey(input.Name))
            {
                throw Refused($"{path}.{input.Name}", "missing", "every input");
            }
        }

        if (outputs.Count == 0)
        {
            throw Refused(path, "no outputs", $"at least one of {string.Join(", ", _outputs.Select(output => output.Name))}");
        }

        return new GoldenRequest { Inputs = inputs, Outputs = outputs, Candidates = (int)candidates };
    }

    /// <summary>The token that the reader stands on, in few characters.</summary>
    public static string Describe(ref readonly Utf8JsonReader json) => json.TokenType switch
    {
        JsonTokenType.StartObject => "an object",
        JsonTokenType.StartArray => "a list",
        JsonTokenType.EndArray => "the end of the list",
        JsonTokenType.String => $"the text \"{Show(json.ValueSpan)}\"",
        JsonTokenType.Number => Show(json.ValueSpan),
        JsonTokenType.True => "true",
        JsonTokenType.False => "false",
        JsonTokenType.Null => "null",
        _ => "nothing",
    };

    private static string Show(ReadOnlySpan<byte> text) =>
        text.Length <= ShownBytes ? Encoding.UTF8.GetString(text) : Encoding.UTF8.GetString(text[..ShownBytes]) + "...";

    private static IEnumerable<string> Names(IReadOnlyList<InputSpec> inputs, IReadOnlyList<OutputSpec> outputs) =>
        inputs.Select(input => input.Name).Concat(outputs.Select(output => output.Name));

    private readonly void Expect(JsonTokenType token, string expected, string path)
    {
        if (_json.TokenType != token)
        {
            throw Refused(path, Describe(in _json), expected);
        }
    }

    private readonly BundleException Refused(string path, string came, string expected) =>
        new(path.Length == 0 ? $"{_file}: {came}, expected {expected}" : $"{_file}: {path}: {came}, expected {expected}");
}

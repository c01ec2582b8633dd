using System.Text.Encodings.Web;
using System.Text.Json;

namespace Pantheon.Bundles;

internal static class GoldenWriter
{
    private static readonly JsonWriterOptions Options = new() { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping };

    public static void Write(Stream stream, IReadOnlyList<GoldenRequest> requests)
    {
        stream.Write("{\"requests\":[\n"u8);
        using var json = new Utf8JsonWriter(stream, Options);
        for (var index = 0; index < requests.Count; index++)
        {
            json.WriteStartObject();
            Write(json, requests[index].Inputs);
            Write(json, requests[index].Outputs);
            json.WriteEndObject();
            json.Flush();
            stream.Write(index + 1 < requests.Count ? ",\n"u8 : "\n"u8);
            json.Reset();
        }

        stream.Write("]}\n"u8);
    }

    private static void Write(Utf8JsonWriter json, IReadOnlyDictionary<string, GoldenTensor> tensors)
    {
        foreach (var (name, tensor) in tensors)
        {
            json.WritePropertyName(name);
            var next = 0;
            WriteDimension(json, name, tensor, 0, ref next);
        }
    }

    private static void WriteDimension(Utf8JsonWriter json, string name, GoldenTensor tensor, int depth, ref int next)
    {
        if (depth < tensor.Shape.Length)
        {
            json.WriteStartArray();
            for (var index = 0L; index < tensor.Shape[depth]; index++)
            {
                WriteDimension(json, name, tensor, depth + 1, ref next);
            }

            json.WriteEndArray();
        }
        else if (tensor.Int64s is { } integers)
        {
            json.WriteNumberValue(integers[next++]);
        }
        else
        {
            var value = tensor.Floats![next++];
            if (!float.IsFinite(value))
            {
                throw new BundleException($"{GoldenFile.Name}: {name}: {value} at {next - 1}, expected a finite number");
            }

            json.WriteNumberValue(value);
        }
    }
}

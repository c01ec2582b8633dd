using System.Text.Encodings.Web;
using System.Text.Json;
using System.Text.Unicode;

namespace Pantheon.Bundles;

/// <summary>Manifests as bytes and back.</summary>
internal static class ManifestFile
{
    /// <summary>A manifest of a thousand inputs takes 300 KB; above 1 MiB it is not a manifest.</summary>
    public const int MaxBytes = 1 << 20;

    // The attribute cannot name an encoder, and names in other scripts are for people to read.
    private static readonly ManifestJson Json =
        new(new JsonSerializerOptions(ManifestJson.Default.Options) { Encoder = JavaScriptEncoder.UnsafeRelaxedJsonEscaping });

    public static byte[] Write(Manifest manifest) =>
        [.. JsonSerializer.SerializeToUtf8Bytes(manifest, Json.Manifest), (byte)'\n'];

    /// <summary>Checks structure before meaning, so that the deserializer, whose messages name .NET types, has nothing left to refuse.</summary>
    public static Manifest Read(ReadOnlyMemory<byte> utf8)
    {
        if (utf8.Length > MaxBytes)
        {
            throw Refused($"{utf8.Length} bytes, expected at most {MaxBytes}");
        }

        if (!Utf8.IsValid(utf8.Span))
        {
            throw Refused("not UTF-8");
        }

        try
        {
            using var document = JsonDocument.Parse(utf8);
            CheckSchemaVersion(document.RootElement);
            JsonShape.Check(document.RootElement, Json.Manifest);
            return document.RootElement.Deserialize(Json.Manifest)!;
        }
        catch (JsonException exception)
        {
            throw new BundleException($"{Manifest.FileName}: not JSON: {exception.Message}", exception);
        }
        catch (InvalidOperationException exception)
        {
            // A text with half of a surrogate pair, which is not looked at before it is read.
            throw new BundleException($"{Manifest.FileName}: holds a text that is not Unicode: {exception.Message}", exception);
        }
    }

    // First of all: a manifest of another schema differs in ways that would only mislead.
    private static void CheckSchemaVersion(JsonElement root)
    {
        if (root.ValueKind == JsonValueKind.Object
            && root.TryGetProperty("schema_version", out var version)
            && version.ValueKind == JsonValueKind.Number
            && !(version.TryGetInt32(out var number) && number == Manifest.CurrentSchemaVersion))
        {
            throw Refused($"schema version {JsonShape.Describe(version)}, this service reads {Manifest.CurrentSchemaVersion}");
        }
    }

    private static BundleException Refused(string reason) => new($"{Manifest.FileName}: {reason}");
}

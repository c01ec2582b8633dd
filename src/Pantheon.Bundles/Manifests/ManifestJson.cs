using System.Text.Json;
using System.Text.Json.Serialization;

namespace Pantheon.Bundles;

[JsonSourceGenerationOptions(
    PropertyNamingPolicy = JsonKnownNamingPolicy.SnakeCaseLower,
    DefaultIgnoreCondition = JsonIgnoreCondition.WhenWritingNull,
    UnmappedMemberHandling = JsonUnmappedMemberHandling.Disallow,
    RespectNullableAnnotations = true,
    RespectRequiredConstructorParameters = true,
    UseStringEnumConverter = true,
    WriteIndented = true,
    NewLine = "\n")]
[JsonSerializable(typeof(Manifest))]
[JsonSerializable(typeof(TrafficTable))]
[JsonSerializable(typeof(FrozenBaseline))]
[JsonSerializable(typeof(Dictionary<string, TrafficTable>))]
internal sealed partial class ManifestJson : JsonSerializerContext;

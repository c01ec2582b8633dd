using System.Globalization;
using System.Text.Json;
using System.Text.Json.Serialization.Metadata;

namespace Pantheon.Bundles;

/// <summary>
/// Compares a JSON document with what the generated serializer metadata says of the types it is to become, and says in the
/// document's own words what differs.
/// </summary>
internal static class JsonShape
{
    private const int ShownCharacters = 60;

    public static void Check(JsonElement element, JsonTypeInfo type) => Check(element, type, "");

    /// <summary>A value in few characters.</summary>
    public static string Describe(JsonElement element)
    {
        switch (element.ValueKind)
        {
            case JsonValueKind.Object:
                return "an object";
            case JsonValueKind.Array:
                return "a list";
            default:
                var text = element.GetRawText();
                return text.Length <= ShownCharacters ? text : string.Concat(text.AsSpan(0, ShownCharacters), "...");
        }
    }

    private static void Check(JsonElement element, JsonTypeInfo type, string path)
    {
        switch (type.Kind)
        {
            case JsonTypeInfoKind.Object:
                CheckObject(element, type, path);
                break;
            case JsonTypeInfoKind.Enumerable:
                CheckList(element, type, path);
                break;
            case JsonTypeInfoKind.Dictionary:
                CheckMap(element, type, path);
                break;
            default:
                CheckValue(element, type, path);
                break;
        }
    }

    private static void CheckObject(JsonElement element, JsonTypeInfo type, string path)
    {
        Expect(element, JsonValueKind.Object, "an object", path);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var memberPath = Append(path, member.Name);
            var property = type.Properties.FirstOrDefault(candidate => candidate.Name == member.Name)
                ?? throw Refused(memberPath, "unknown key", $"only {string.Join(", ", type.Properties.Select(known => known.Name))}");
            if (!seen.Add(member.Name))
            {
                throw Refused(memberPath, "the key came twice", "it once");
            }

            if (member.Value.ValueKind == JsonValueKind.Null && property.IsSetNullable && IsNullable(property.PropertyType))
            {
                continue;
            }

            Check(member.Value, type.Options.GetTypeInfo(property.PropertyType), memberPath);
        }

        foreach (var property in type.Properties)
        {
            if (IsRequired(property) && !seen.Contains(property.Name))
            {
                var expected = Expectation(type.Options.GetTypeInfo(property.PropertyType));
                throw Refused(Append(path, property.Name), "missing", expected);
            }
        }
    }

    private static void CheckList(JsonElement element, JsonTypeInfo type, string path)
    {
        Expect(element, JsonValueKind.Array, "a list", path);
        var elementType = type.Options.GetTypeInfo(type.ElementType!);
        var index = 0;
        foreach (var item in element.EnumerateArray())
        {
            if (item.ValueKind != JsonValueKind.Null || Nullable.GetUnderlyingType(elementType.Type) is null)
            {
                Check(item, elementType, string.Create(CultureInfo.InvariantCulture, $"{path}[{index}]"));
            }

            index++;
        }
    }

    private static void CheckMap(JsonElement element, JsonTypeInfo type, string path)
    {
        Expect(element, JsonValueKind.Object, "an object", path);
        var elementType = type.Options.GetTypeInfo(type.ElementType!);
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var member in element.EnumerateObject())
        {
            var memberPath = Append(path, member.Name);
            if (!seen.Add(member.Name))
            {
                throw Refused(memberPath, "the key came twice", "it once");
            }

            Check(member.Value, elementType, memberPath);
        }
    }

    private static void CheckValue(JsonElement element, JsonTypeInfo type, string path)
    {
        var clr = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        var fits = clr switch
        {
            _ when clr == typeof(string) => element.ValueKind == JsonValueKind.String && element.GetString() is not null,
            _ when clr == typeof(bool) => element.ValueKind is JsonValueKind.True or JsonValueKind.False,
            _ when clr == typeof(int) => element.ValueKind == JsonValueKind.Number && element.TryGetInt32(out _),
            _ when clr == typeof(long) => element.ValueKind == JsonValueKind.Number && element.TryGetInt64(out _),
            _ when clr == typeof(double) => element.ValueKind == JsonValueKind.Number && element.TryGetDouble(out _),
            _ when clr == typeof(DateTimeOffset) => element.ValueKind == JsonValueKind.String && element.TryGetDateTimeOffset(out _),
            _ when clr.IsEnum => element.ValueKind == JsonValueKind.String && Names(clr, type.Options).Contains(element.GetString()!),
            _ => throw new NotSupportedException($"{clr} in a manifest"),
        };
        if (!fits)
        {
            throw Refused(path, Describe(element), Expectation(type));
        }
    }

    private static string Expectation(JsonTypeInfo type)
    {
        var clr = Nullable.GetUnderlyingType(type.Type) ?? type.Type;
        return type.Kind switch
        {
            JsonTypeInfoKind.Object or JsonTypeInfoKind.Dictionary => "an object",
            JsonTypeInfoKind.Enumerable => "a list",
            _ when clr == typeof(string) => "a text",
            _ when clr == typeof(bool) => "true or false",
            _ when clr == typeof(double) => "a number",
            _ when clr == typeof(DateTimeOffset) => "a time such as \"2026-01-31T12:00:00+00:00\"",
            _ when clr.IsEnum => string.Join(" or ", Names(clr, type.Options).Select(name => $"\"{name}\"")),
            _ => $"an integer of {(clr == typeof(int) ? 32 : 64)} bits",
        };
    }

    private static List<string> Names(Type type, JsonSerializerOptions options) =>
        [.. Enum.GetValuesAsUnderlyingType(type).Cast<object>().Select(value =>
            JsonSerializer.SerializeToElement(Enum.ToObject(type, value), options.GetTypeInfo(type)).GetString()!)];

    private static bool IsRequired(JsonPropertyInfo property) =>
        property.IsRequired || property.AssociatedParameter is { HasDefaultValue: false, IsMemberInitializer: false };

    private static bool IsNullable(Type type) => !type.IsValueType || Nullable.GetUnderlyingType(type) is not null;

    private static void Expect(JsonElement element, JsonValueKind kind, string expected, string path)
    {
        if (element.ValueKind != kind)
        {
            throw Refused(path, Describe(element), expected);
        }
    }

    private static string Append(string path, string key) => path.Length == 0 ? key : $"{path}.{key}";

    private static BundleException Refused(string path, string came, string expected) =>
        new(path.Length == 0
            ? $"{Manifest.FileName}: {came}, expected {expected}"
            : $"{Manifest.FileName}: {path}: {came}, expected {expected}");
}

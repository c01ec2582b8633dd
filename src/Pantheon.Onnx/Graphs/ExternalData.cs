using System.Globalization;
using Pantheon.Onnx.Format;

namespace Pantheon.Onnx.Graphs;

/// <summary>
/// Where tensors say their bytes are. A model file comes from anywhere, and its locations are opened by the runtime, so one that could
/// name a file outside the model's own folder is refused whatever the operating system.
/// </summary>
internal static class ExternalData
{
    // ONNX Runtime takes the offset of a tensor with this location for an address in its own memory.
    private const string MemoryAddressTag = "_ORT_MEM_ADDR_";

    /// <summary>The distinct locations, in the order of their first use.</summary>
    public static IReadOnlyList<string> FilesOf(ModelProto model)
    {
        var files = new List<string>();
        var seen = new HashSet<string>(StringComparer.Ordinal);
        foreach (var tensor in ModelTraversal.AllTensors(model))
        {
            if (tensor.DataLocation != TensorProto.Types.DataLocation.External)
            {
                continue;
            }

            string location = LocationOf(tensor);
            if (seen.Add(location))
            {
                files.Add(location);
            }
        }

        return files;
    }

    private static string LocationOf(TensorProto tensor)
    {
        string? location = null;
        foreach (var entry in tensor.ExternalData)
        {
            switch (entry.Key)
            {
                case "location" when location is not null:
                    throw Refused(tensor, "and states two locations");
                case "location":
                    location = entry.Value;
                    break;
                case "offset" or "length" when !long.TryParse(entry.Value, NumberStyles.None, CultureInfo.InvariantCulture, out _):
                    throw Refused(tensor, $"and states the {entry.Key} '{entry.Value}', which is not a number of bytes");
                default:
                    // "checksum" and what later versions add.
                    break;
            }
        }

        if (string.IsNullOrWhiteSpace(location))
        {
            throw Refused(tensor, "and does not say in which one (location)");
        }

        if (location.Any(char.IsControl) || location.Contains(MemoryAddressTag, StringComparison.Ordinal))
        {
            throw Refused(tensor, "at a location that is no file name");
        }

        // Both separators and drives count everywhere: the bundle may be served on another system than it was made on.
        string[] segments = location.Split('/', '\\');
        if (segments[0].Length == 0 || (location.Length > 1 && location[1] == ':'))
        {
            throw Refused(tensor, $"in '{location}', an absolute path; it must be relative to the model's folder");
        }

        if (segments.Contains(".."))
        {
            throw Refused(tensor, $"in '{location}', which leads out of the model's folder");
        }

        return segments[^1] is "" or "." ? throw Refused(tensor, $"in '{location}', which is a folder") : location;
    }

    private static OnnxFormatException Refused(TensorProto tensor, string what) =>
        new($"tensor '{tensor.Name}' is stored outside the file {what}");
}

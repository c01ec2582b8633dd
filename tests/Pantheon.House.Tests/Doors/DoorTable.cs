using System.Xml.Linq;

namespace Pantheon.House.Tests.Doors;

/// <summary>Which room may walk into which, and which packages belong to one room only.</summary>
internal static class DoorTable
{
    /// <summary>Room -> the rooms that it may reference. A room that is not here may not exist yet.</summary>
    private static readonly Dictionary<string, string[]> s_rooms = new(StringComparer.Ordinal)
    {
        ["Pantheon.Contracts"] = [],
        ["Pantheon.Bundles"] = [],
        ["Pantheon.Exposures"] = [],
        ["Pantheon.Onnx"] = [],
        ["Pantheon.Modeling"] = ["Pantheon.Onnx"],
        ["Pantheon.Learning"] = ["Pantheon.Modeling", "Pantheon.Onnx", "Pantheon.Bundles", "Pantheon.Exposures"],
        ["Pantheon.Scoring"] = ["Pantheon.Onnx", "Pantheon.Bundles"],
        ["Pantheon.Promotion"] = ["Pantheon.Contracts", "Pantheon.Learning", "Pantheon.Modeling", "Pantheon.Onnx", "Pantheon.Scoring", "Pantheon.Bundles", "Pantheon.Exposures"],
        ["Pantheon.Serving"] = ["Pantheon.Contracts", "Pantheon.Scoring", "Pantheon.Bundles", "Pantheon.Exposures", "Pantheon.Promotion"],
        ["Pantheon.Client"] = ["Pantheon.Contracts"],
        ["Pantheon.Simulation"] = ["Pantheon.Contracts", "Pantheon.Learning", "Pantheon.Modeling", "Pantheon.Onnx", "Pantheon.Promotion", "Pantheon.Bundles", "Pantheon.Exposures"],
        ["Pantheon.Cli"] =
        [
            "Pantheon.Contracts", "Pantheon.Bundles", "Pantheon.Onnx", "Pantheon.Modeling", "Pantheon.Learning", "Pantheon.Scoring",
            "Pantheon.Exposures", "Pantheon.Promotion", "Pantheon.Serving", "Pantheon.Client", "Pantheon.Simulation",
        ],
    };

    /// <summary>Package prefix -> the only rooms that may reference it.</summary>
    private static readonly Dictionary<string, string[]> s_packages = new(StringComparer.OrdinalIgnoreCase)
    {
        ["Microsoft.ML.OnnxRuntime"] = ["Pantheon.Onnx"],
        ["Microsoft.AspNetCore"] = ["Pantheon.Serving"],
        ["Grpc.AspNetCore"] = ["Pantheon.Serving"],
        ["OpenTelemetry"] = ["Pantheon.Serving"],
        ["AWSSDK"] = ["Pantheon.Bundles"],
    };

    private const string WebRoom = "Pantheon.Serving";

    /// <summary>What a project file does that its room may not; one sentence each, empty if nothing.</summary>
    public static IReadOnlyList<string> Violations(string room, XElement project)
    {
        List<string> found = [];
        if (!s_rooms.TryGetValue(room, out string[]? allowed))
        {
            return [$"{room} is not in the table of doors; add it to {nameof(DoorTable)} together with the rooms it may reference"];
        }

        foreach (string path in Values(project, "ProjectReference"))
        {
            string target = Path.GetFileNameWithoutExtension(path.Replace('\\', '/'));
            if (!allowed.Contains(target, StringComparer.Ordinal))
            {
                found.Add($"{room} references {target}, but its doors lead only to: {(allowed.Length == 0 ? "nothing of ours" : string.Join(", ", allowed))}");
            }
        }

        foreach (string package in Values(project, "PackageReference"))
        {
            foreach ((string prefix, string[] owners) in s_packages)
            {
                if (package.StartsWith(prefix, StringComparison.OrdinalIgnoreCase) && !owners.Contains(room, StringComparer.Ordinal))
                {
                    found.Add($"{room} references the package {package}, which only {string.Join(", ", owners)} may");
                }
            }
        }

        bool web = (project.Attribute("Sdk")?.Value ?? "").Contains(".Web", StringComparison.Ordinal) || Values(project, "FrameworkReference").Any();
        if (web && room != WebRoom)
        {
            found.Add($"{room} uses ASP.NET Core, which only {WebRoom} may");
        }

        // A linked source file or a bare assembly would be a way round every door.
        foreach (string path in Values(project, "Compile").Where(path => path.Contains("..", StringComparison.Ordinal)))
        {
            found.Add($"{room} compiles {path} from outside its folder");
        }

        foreach (string assembly in Values(project, "Reference"))
        {
            found.Add($"{room} references the assembly {assembly}; reference a project or a package");
        }

        return found;
    }

    private static IEnumerable<string> Values(XElement project, string item) =>
        project.Descendants().Where(element => element.Name.LocalName == item)
            .Select(element => element.Attribute("Include")?.Value ?? "")
            .SelectMany(value => value.Split(';', StringSplitOptions.RemoveEmptyEntries | StringSplitOptions.TrimEntries));
}

namespace Pantheon.Learning.Tests;

/// <summary>
/// A test on data that lies beside the repository, in <c>../shared/data</c>, since its licence keeps it out; skipped where it is absent.
/// </summary>
[AttributeUsage(AttributeTargets.Method)]
public sealed class SharedDataFactAttribute : FactAttribute
{
    /// <param name="folder">Folder of the data, such as <c>kuairand-sim</c>.</param>
    public SharedDataFactAttribute(string folder)
    {
        Folder = folder;
        if (!Directory.Exists(SharedData.PathOf(folder)))
        {
            Skip = $"no folder ../shared/data/{folder} beside the repository";
        }
    }

    public string Folder { get; }
}

/// <summary>Where the data beside the repository is.</summary>
internal static class SharedData
{
    public static string PathOf(string folder)
    {
        var at = new DirectoryInfo(AppContext.BaseDirectory);
        while (at is not null && !File.Exists(Path.Combine(at.FullName, "Pantheon.Serving.sln")))
        {
            at = at.Parent;
        }

        return Path.GetFullPath(Path.Combine(at?.FullName ?? ".", "..", "shared", "data", folder));
    }
}

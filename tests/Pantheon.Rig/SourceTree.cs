namespace Pantheon.Rig;

/// <summary>Where things lie in the repository that this test was built in.</summary>
public static class SourceTree
{
    /// <summary>The repository's root.</summary>
    public static string Root { get; } = FindRoot();

    /// <summary>The service's program, of the same configuration as the test.</summary>
    public static string Service { get; } = Program("Pantheon.Serving");

    /// <summary>A project's program, of the same configuration as the test.</summary>
    public static string Program(string project) =>
        Path.Combine(Root, "artifacts", "bin", project, new DirectoryInfo(AppContext.BaseDirectory).Name, project);

    private static string FindRoot()
    {
        for (var folder = new DirectoryInfo(AppContext.BaseDirectory); folder is not null; folder = folder.Parent)
        {
            if (File.Exists(Path.Combine(folder.FullName, "Pantheon.Serving.sln")))
            {
                return folder.FullName;
            }
        }

        throw new InvalidOperationException($"no repository above {AppContext.BaseDirectory}");
    }
}

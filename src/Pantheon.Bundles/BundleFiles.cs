namespace Pantheon.Bundles;

/// <summary>Whether the files in a bundle's directory are those of its manifest: all of them, no other, and nothing elsewhere.</summary>
internal static class BundleFiles
{
    private static readonly EnumerationOptions Everything = new()
    {
        AttributesToSkip = 0,
        IgnoreInaccessible = false,
        RecurseSubdirectories = false,
    };

    public static string PathOf(string directory, string name) =>
        Path.Combine(directory, Path.DirectorySeparatorChar == '/' ? name : name.Replace('/', Path.DirectorySeparatorChar));

    public static void Check(string directory, Manifest manifest)
    {
        var declared = manifest.Files.Select(file => file.Name).ToHashSet(StringComparer.Ordinal);
        declared.Add(Manifest.FileName);
        Walk(new DirectoryInfo(directory), "", declared);
        foreach (var file in manifest.Files)
        {
            var info = new FileInfo(PathOf(directory, file.Name));
            if (!info.Exists)
            {
                throw new BundleException($"{file.Name}: missing, expected a file of {file.Size} bytes");
            }

            if (info.Length != file.Size)
            {
                throw new BundleException($"{file.Name}: {info.Length} bytes, expected {file.Size}");
            }
        }
    }

    // Never through a link: one that leaves the bundle reads what no digest was meant to cover, and changes under a digest that was.
    private static void Walk(DirectoryInfo directory, string prefix, HashSet<string> declared)
    {
        foreach (var entry in directory.EnumerateFileSystemInfos("*", Everything))
        {
            var name = prefix + entry.Name;
            if (entry.LinkTarget is not null || entry.Attributes.HasFlag(FileAttributes.ReparsePoint))
            {
                throw new BundleException($"{name}: a symbolic link, expected a file or folder inside the bundle");
            }

            if (entry is DirectoryInfo folder)
            {
                Walk(folder, name + "/", declared);
            }
            else if (!declared.Contains(name))
            {
                throw new BundleException($"{name}: not among the manifest's files, expected no other file");
            }
        }
    }
}

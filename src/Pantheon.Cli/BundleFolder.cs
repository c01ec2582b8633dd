using Pantheon.Bundles;

namespace Pantheon.Cli;

/// <summary>A bundle that is named by a path: a version's directory, or a model's for its default version.</summary>
internal static class BundleFolder
{
    /// <exception cref="CommandFailure">The path is neither.</exception>
    /// <exception cref="BundleException">The bundle is refused.</exception>
    public static Bundle Open(string path)
    {
        path = Path.TrimEndingDirectorySeparator(Path.GetFullPath(path));
        if (!Directory.Exists(path))
        {
            throw new CommandFailure($"{path} is no directory, expected a version's or a model's");
        }

        if (File.Exists(Path.Combine(path, Manifest.FileName)) || Path.GetDirectoryName(path) is not { } root)
        {
            return Bundle.Open(path);
        }

        var repository = new ModelRepository(root);
        var model = Path.GetFileName(path);
        return repository.Versions(model).Count > 0
            ? repository.Open(model, repository.DefaultVersion(model))
            : throw new CommandFailure($"{path} has neither {Manifest.FileName} nor versions, expected a version's directory or a model's");
    }
}

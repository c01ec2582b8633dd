using System.Globalization;
using System.Text;

namespace Pantheon.Bundles;

/// <summary>A directory of models: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/manifest.json</c>. Reads the disk at every call.</summary>
/// <param name="root">The directory; one that does not exist is an empty repository.</param>
public sealed class ModelRepository(string root)
{
    /// <summary>The file in a model's folder that names its default version: the number, then a newline.</summary>
    public const string PromotedFile = "promoted";

    private const int MaxPromotedBytes = 32;

    private static readonly EnumerationOptions Names = new() { AttributesToSkip = 0 };

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Why there is no model, in a sentence for the operator; null if there is one.</summary>
    public string? EmptyReason =>
        !Directory.Exists(Root) ? $"the model repository {Root} does not exist"
        : Models().Count == 0 ? $"the model repository {Root} holds no model: expected <model>/<version>/{Manifest.FileName}"
        : null;

    /// <summary>Names of the models that have at least one version, in ordinal order.</summary>
    /// <exception cref="BundleException">The directory cannot be read.</exception>
    public IReadOnlyList<string> Models() =>
        [.. Folders(Root).Where(name => BundlePath.IsModelName(name) && Versions(name).Count > 0).Order(StringComparer.Ordinal)];

    /// <summary>Versions of a model, ascending: its folders whose name is a positive number. Empty for a model that is not there.</summary>
    /// <exception cref="BundleException">Not a model name, or the directory cannot be read.</exception>
    public IReadOnlyList<long> Versions(string model) =>
        [.. Folders(ModelPath(model)).Select(ParseVersion).OfType<long>().Order()];

    /// <summary>The version that file <c>promoted</c> names, or null without such a file.</summary>
    /// <exception cref="BundleException">The file is not a version number, or names a version that is not there.</exception>
    public long? PromotedVersion(string model)
    {
        var file = new FileInfo(Path.Combine(ModelPath(model), PromotedFile));
        if (!file.Exists)
        {
            return null;
        }

        var text = Read(() => file.Length <= MaxPromotedBytes ? File.ReadAllText(file.FullName) : "more than 32 bytes").TrimEnd('\r', '\n');
        var version = ParseVersion(text)
            ?? throw new BundleException($"{file.FullName}: \"{text}\", expected a version number and a newline");
        var versions = Versions(model);
        return versions.Contains(version)
            ? version
            : throw new BundleException($"{file.FullName}: version {version} is not there, expected one of {string.Join(", ", versions)}");
    }

    /// <summary>The promoted version, else the highest.</summary>
    /// <exception cref="BundleException">No such model, or its promoted version is refused.</exception>
    public long DefaultVersion(string model)
    {
        var versions = Versions(model);
        if (versions.Count == 0)
        {
            throw new BundleException(
                EmptyReason ?? $"the model repository {Root} has no version of \"{model}\", expected one of {string.Join(", ", Models())}");
        }

        return PromotedVersion(model) ?? versions[^1];
    }

    /// <summary>A version's directory, whether or not it exists.</summary>
    /// <exception cref="BundleException">Not a model name or not a version.</exception>
    public string PathOf(string model, long version) => version > 0
        ? Path.Combine(ModelPath(model), version.ToString(CultureInfo.InvariantCulture))
        : throw new BundleException(string.Create(CultureInfo.InvariantCulture, $"version {version} of \"{model}\", expected a positive number"));

    /// <summary>Opens a version and checks that it is the one its path names.</summary>
    /// <exception cref="BundleException">Refused, with the reason.</exception>
    public Bundle Open(string model, long version)
    {
        var bundle = Bundle.Open(PathOf(model, version));
        return bundle.Manifest.Model == model && bundle.Manifest.Version == version
            ? bundle
            : throw new BundleException(
                $"{bundle.Directory}: {Manifest.FileName}: model and version: \"{bundle.Manifest.Model}\" {bundle.Manifest.Version}, "
                + $"expected \"{model}\" {version}, as the folders say");
    }

    /// <summary>Makes a version the default, atomically.</summary>
    /// <exception cref="BundleException">The version is not there, or the disk refuses.</exception>
    public void Promote(string model, long version)
    {
        if (!Directory.Exists(PathOf(model, version)))
        {
            throw new BundleException($"{PathOf(model, version)} is not there, expected a published version");
        }

        // A crash leaves at most this one file, and the next promotion takes it over. Two at a time: the second is refused.
        var aside = Path.Combine(ModelPath(model), $".{PromotedFile}");
        Read(() =>
        {
            using (var file = new FileStream(aside, FileMode.Create, FileAccess.Write, FileShare.None))
            {
                file.Write(Encoding.ASCII.GetBytes(string.Create(CultureInfo.InvariantCulture, $"{version}\n")));
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, Path.Combine(ModelPath(model), PromotedFile), overwrite: true);
            DirectorySync.Flush(ModelPath(model));
            return true;
        });
    }

    /// <summary>One above every entry whose name is a version, be it a folder or not.</summary>
    internal long NextVersion(string model)
    {
        var highest = Entries(ModelPath(model)).Select(entry => ParseVersion(entry.Name)).Max() ?? 0;
        return highest < long.MaxValue ? highest + 1 : throw new BundleException($"{ModelPath(model)}: version {highest} has no successor");
    }

    // One spelling per version: 07 and +7 are not versions.
    private static long? ParseVersion(string name) =>
        name.Length > 0 && name[0] is >= '1' and <= '9'
        && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    private static IEnumerable<string> Folders(string directory) =>
        Entries(directory).Where(entry => entry is DirectoryInfo).Select(entry => entry.Name);

    private static FileSystemInfo[] Entries(string directory)
    {
        try
        {
            return new DirectoryInfo(directory).GetFileSystemInfos("*", Names);
        }
        catch (DirectoryNotFoundException)
        {
            return [];
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{directory}: {exception.Message}", exception);
        }
    }

    private static T Read<T>(Func<T> action)
    {
        try
        {
            return action();
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException)
        {
            throw new BundleException(exception.Message, exception);
        }
    }

    private string ModelPath(string model) => BundlePath.IsModelName(model)
        ? Path.Combine(Root, model)
        : throw new BundleException($"model \"{model}\", expected a letter or digit, then up to 63 letters, digits, '_', '.' or '-'");
}

using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>A directory of models: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/manifest.json</c>. Reads the disk at every call.</summary>
/// <param name="root">The directory; one that does not exist is an empty repository.</param>
public class ModelRepository(string root)
{
    private static readonly EnumerationOptions Names = new() { AttributesToSkip = 0 };

    public string Root { get; } = Path.GetFullPath(root);

    /// <summary>Why there is no model, in a sentence for the operator; null if there is one.</summary>
    public string? EmptyReason =>
        !Directory.Exists(Root) ? $"the model repository {Root} does not exist"
        : Models().Count == 0 ? $"the model repository {Root} holds no model: expected <model>/<version>/{Manifest.FileName}"
        : null;

    /// <summary>Why what is said of it may no longer be so, in a sentence for the operator; null: it is so.</summary>
    public virtual string? Problem => null;

    /// <summary>Names of the models that have at least one version, in ordinal order.</summary>
    /// <exception cref="BundleException">The directory cannot be read.</exception>
    public IReadOnlyList<string> Models() =>
        [.. Folders(Root).Where(name => BundlePath.IsModelName(name) && Versions(name).Count > 0).Order(StringComparer.Ordinal)];

    /// <summary>Versions of a model, ascending: its folders whose name is a positive number. Empty for a model that is not there.</summary>
    /// <exception cref="BundleException">Not a model name, or the directory cannot be read.</exception>
    public IReadOnlyList<long> Versions(string model) =>
        [.. Folders(ModelPath(model)).Select(ParseVersion).OfType<long>().Order()];

    /// <summary>How the model's traffic is declared.</summary>
    /// <exception cref="BundleException">Not a model name.</exception>
    public TrafficFile Traffic(string model) => new(ModelPath(model));

    /// <summary>The base of the model's traffic table, else the highest version.</summary>
    /// <exception cref="BundleException">No such model, or its table is refused or names a version that is not there.</exception>
    public long DefaultVersion(string model)
    {
        var versions = Versions(model);
        if (versions.Count == 0)
        {
            throw new BundleException(
                EmptyReason ?? $"the model repository {Root} has no version of \"{model}\", expected one of {string.Join(", ", Models())}");
        }

        var declared = Traffic(model).Read()?.Base ?? versions[^1];
        return versions.Contains(declared)
            ? declared
            : throw new BundleException($"{Path.Combine(ModelPath(model), TrafficTable.FileName)}: version {declared} is not there, expected one of {string.Join(", ", versions)}");
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

    /// <summary>
    /// Changes whenever a file of the version does, by names, lengths and times: whether a version that was refused is worth another
    /// look. Empty if it cannot be read.
    /// </summary>
    public string Fingerprint(string model, long version)
    {
        try
        {
            return string.Join('\n', new DirectoryInfo(PathOf(model, version)).EnumerateFiles("*", SearchOption.AllDirectories)
                .Select(file => string.Create(CultureInfo.InvariantCulture, $"{file.FullName} {file.Length} {file.LastWriteTimeUtc.Ticks}"))
                .Order(StringComparer.Ordinal));
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            return "";
        }
    }

    /// <summary>Bytes of a version's files.</summary>
    /// <exception cref="BundleException">It cannot be read.</exception>
    public long SizeOf(string model, long version) =>
        Ask(() => new DirectoryInfo(PathOf(model, version)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));

    /// <summary>Deletes a version. A reader sees all of it or nothing; of two who delete at once one does.</summary>
    /// <exception cref="BundleException">It is not there, or the disk refuses.</exception>
    public void Delete(string model, long version) => Ask(() =>
    {
        // Under a name that the next publisher sweeps away, should this be cut short.
        var aside = Staging.NewPath(Root);
        Directory.Move(PathOf(model, version), aside);
        Directory.Delete(aside, recursive: true);
        return true;
    });

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

    private static T Ask<T>(Func<T> disk)
    {
        try
        {
            return disk();
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

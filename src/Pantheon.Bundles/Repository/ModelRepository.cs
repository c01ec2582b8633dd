using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>A directory of models: <c>&lt;root&gt;/&lt;model&gt;/&lt;version&gt;/manifest.json</c>. Reads the disk at every call.</summary>
/// <param name="root">The directory; one that does not exist is an empty repository.</param>
/// <exception cref="BundleException">It is the address of a store, see <see cref="Of"/>.</exception>
public class ModelRepository(string root)
{
    private static readonly EnumerationOptions Names = new() { AttributesToSkip = 0 };

    public string Root { get; } = !IsInStore(root) ? Path.GetFullPath(root)
        : throw new BundleException($"model repository: got '{root}', expected a folder; `pantheon models publish` takes a bundle from one to a store");

    /// <summary>What people call it.</summary>
    public virtual string Name => Root;

    /// <summary>Why there is no model, in a sentence for the operator; null if there is one.</summary>
    public string? EmptyReason =>
        !Directory.Exists(Root) ? $"the model repository {Root} does not exist"
        : Models().Count == 0 ? $"the model repository {Root} holds no model: expected <model>/<version>/{Manifest.FileName}"
        : null;

    /// <summary>Whether a repository of that name is in a store, and not a folder.</summary>
    public static bool IsInStore(string where) => S3Address.Is(where);

    /// <summary>A repository by what people call it.</summary>
    /// <param name="where">A folder, or <c>s3://bucket/prefix</c>.</param>
    /// <param name="options">How a store is reached.</param>
    /// <exception cref="BundleException">It is neither.</exception>
    public static ModelRepository Of(string where, S3Options options) => IsInStore(where) ? new S3ModelRepository(where, options) : new ModelRepository(where);

    /// <summary>Looks at what is elsewhere, and keeps it: what is asked next is answered by that. Never throws for what it finds there.</summary>
    public virtual Task RefreshAsync(CancellationToken cancellation) => Task.CompletedTask;

    /// <summary>Why what is said of it may no longer be so, in a sentence for the operator; null: it is so.</summary>
    public virtual string? Problem => null;

    /// <summary>Names of the models that have at least one version, in ordinal order.</summary>
    /// <exception cref="BundleException">The directory cannot be read.</exception>
    public virtual IReadOnlyList<string> Models() =>
        [.. Folders(Root).Where(name => BundlePath.IsModelName(name) && Versions(name).Count > 0).Order(StringComparer.Ordinal)];

    /// <summary>Versions of a model, ascending: its folders whose name is a positive number. Empty for a model that is not there.</summary>
    /// <exception cref="BundleException">Not a model name, or the directory cannot be read.</exception>
    public virtual IReadOnlyList<long> Versions(string model) =>
        [.. Folders(ModelPath(model)).Select(ParseVersion).OfType<long>().Order()];

    /// <summary>How the model's traffic is declared.</summary>
    /// <exception cref="BundleException">Not a model name.</exception>
    public TrafficFile Traffic(string model) => new(ModelPath(model));

    /// <summary>What the scores of all versions of the model are moved to.</summary>
    /// <exception cref="BundleException">Not a model name.</exception>
    public BaselineFile Baseline(string model) => new(ModelPath(model));

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

    /// <summary>What people call a version.</summary>
    /// <exception cref="BundleException">Not a model name or not a version.</exception>
    public virtual string NameOf(string model, long version) => PathOf(model, version);

    /// <summary>Opens a version and checks that it is the one its path names.</summary>
    /// <exception cref="BundleException">Refused, with the reason.</exception>
    public virtual Bundle Open(string model, long version, CancellationToken cancellation = default) =>
        Named(Bundle.Open(PathOf(model, version)), model, version);

    /// <summary>The bundle, if it is the one that its path names.</summary>
    /// <exception cref="BundleException">It is another one.</exception>
    private protected static Bundle Named(Bundle bundle, string model, long version) =>
        bundle.Manifest.Model == model && bundle.Manifest.Version == version
            ? bundle
            : throw new BundleException(
                $"{bundle.Directory}: {Manifest.FileName}: model and version: \"{bundle.Manifest.Model}\" {bundle.Manifest.Version}, "
                + $"expected \"{model}\" {version}, as the folders say");

    /// <summary>
    /// Changes whenever a file of the version does, by names, lengths and times: whether a version that was refused is worth another
    /// look. Empty if it cannot be read.
    /// </summary>
    public virtual string Fingerprint(string model, long version)
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
    public virtual long SizeOf(string model, long version) =>
        Ask(() => new DirectoryInfo(PathOf(model, version)).EnumerateFiles("*", SearchOption.AllDirectories).Sum(file => file.Length));

    /// <summary>Deletes a version. A reader sees all of it or nothing; of two who delete at once one does.</summary>
    /// <exception cref="BundleException">It is not there, or the disk refuses.</exception>
    public virtual void Delete(string model, long version) => Ask(() =>
    {
        // Under a name that the next publisher sweeps away, should this be cut short.
        var aside = Staging.NewPath(Root);
        Directory.Move(PathOf(model, version), aside);
        Directory.Delete(aside, recursive: true);
        return true;
    });

    /// <summary>One above every entry whose name is a version, be it a folder or not.</summary>
    internal virtual long NextVersion(string model) => After(Entries(ModelPath(model)).Select(entry => ParseVersion(entry.Name)).Max() ?? 0);

    /// <summary>Whether anything has the version's name.</summary>
    internal virtual bool Has(string model, long version) => Path.Exists(PathOf(model, version));

    /// <summary>Gives a version that is written aside its name, durably.</summary>
    /// <returns>False if somebody has it.</returns>
    internal virtual bool TryPlace(Staging staging, Bundle bundle) => staging.TryMoveTo(PathOf(bundle.Manifest.Model, bundle.Manifest.Version));

    /// <summary>One spelling per version: 07 and +7 are not versions. Null: none.</summary>
    internal static long? ParseVersion(string name) =>
        name.Length > 0 && name[0] is >= '1' and <= '9'
        && long.TryParse(name, NumberStyles.None, CultureInfo.InvariantCulture, out var version)
            ? version
            : null;

    private protected static long After(long version) => version < long.MaxValue ? version + 1 : throw new BundleException($"version {version} has no successor");

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

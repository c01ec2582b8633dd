using System.Globalization;

namespace Pantheon.Bundles;

/// <summary>What a store holds at one moment, as models and versions. Immutable.</summary>
internal sealed class S3Listing
{
    private readonly Dictionary<string, SortedDictionary<long, List<S3Entry>>> _models = new(StringComparer.Ordinal);

    /// <param name="entries">Objects; those that are no model's are passed over.</param>
    public S3Listing(IEnumerable<S3Entry> entries)
    {
        foreach (var entry in entries)
        {
            if (entry.Key.Split('/', 3) is not [var model, var name, { Length: > 0 }] || !BundlePath.IsModelName(model) || ModelRepository.ParseVersion(name) is not { } version)
            {
                continue;
            }

            var versions = _models.TryGetValue(model, out var there) ? there : _models[model] = [];
            (versions.TryGetValue(version, out var objects) ? objects : versions[version] = []).Add(entry);
        }
    }

    /// <summary>Models with at least one version.</summary>
    public IEnumerable<string> Models => _models.Keys.Where(model => Versions(model).Count > 0);

    /// <summary>Versions that are whole, ascending: the manifest is stored last.</summary>
    public IReadOnlyList<long> Versions(string model) =>
        [.. All(model).Where(pair => pair.Value.Exists(entry => entry.Key == KeyOf(model, pair.Key, Manifest.FileName))).Select(pair => pair.Key)];

    /// <summary>Every number that has an object, whole or not, ascending, with its objects.</summary>
    public IEnumerable<KeyValuePair<long, List<S3Entry>>> All(string model) => _models.TryGetValue(model, out var versions) ? versions : [];

    /// <summary>Objects of a version.</summary>
    public IReadOnlyList<S3Entry> Objects(string model, long version) =>
        _models.TryGetValue(model, out var versions) && versions.TryGetValue(version, out var objects) ? objects : [];

    public static string KeyOf(string model, long version, string file) => string.Create(CultureInfo.InvariantCulture, $"{model}/{version}/{file}");
}

using System.Text.Json;

namespace Pantheon.Bundles;

/// <summary>
/// What was last known of all models' tables, in a file of this machine's own: what a replica serves by if it starts while the place
/// where they are kept is away. Read whole, replaced whole; processes that share the file replace it one after the other.
/// </summary>
/// <param name="path">The file.</param>
public sealed class TrafficCopy(string path)
{
    private readonly string _path = Path.GetFullPath(path);

    /// <summary>Tables by model; a model that is not among them had none. Null: nothing was ever known here.</summary>
    /// <exception cref="BundleException">It cannot be read or is not such a file.</exception>
    public IReadOnlyDictionary<string, TrafficTable>? Read()
    {
        try
        {
            var tables = JsonSerializer.Deserialize(File.ReadAllBytes(_path), ManifestJson.Default.DictionaryStringTrafficTable)
                ?? throw new BundleException("null, expected tables by model");
            foreach (var (model, table) in tables)
            {
                table.Check(model);
            }

            return tables;
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException or JsonException or BundleException)
        {
            throw new BundleException($"{_path}: {error.Message}", error);
        }
    }

    /// <summary>Replaces it, durably.</summary>
    /// <exception cref="BundleException">The disk refuses; it is as it was.</exception>
    public void Write(IReadOnlyDictionary<string, TrafficTable> tables)
    {
        var folder = Path.GetDirectoryName(_path)!;
        // Of its own: another process may be at it too.
        var aside = Path.Combine(folder, $".{Path.GetFileName(_path)}.{Guid.NewGuid():N}");
        try
        {
            Directory.CreateDirectory(folder);
            using (var file = new FileStream(aside, FileMode.CreateNew, FileAccess.Write, FileShare.None))
            {
                JsonSerializer.Serialize(file, new Dictionary<string, TrafficTable>(tables), ManifestJson.Default.DictionaryStringTrafficTable);
                file.Flush(flushToDisk: true);
            }

            File.Move(aside, _path, overwrite: true);
            DirectorySync.Flush(folder);
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{_path}: {error.Message}", error);
        }
    }
}

using System.Buffers;
using System.Security.Cryptography;

namespace Pantheon.Bundles;

/// <summary>Opens bundles: manifest, then presence and sizes of files, then contents, so that cheap reasons come first.</summary>
internal static class BundleReader
{
    private const int BlockBytes = 1 << 20;

    /// <param name="directory">The bundle's directory.</param>
    /// <param name="shownAs">What messages start with; null: the directory.</param>
    public static Bundle Open(string directory, string? shownAs = null)
    {
        try
        {
            directory = Path.GetFullPath(directory);
            return Read(directory);
        }
        catch (BundleException exception)
        {
            throw new BundleException($"{shownAs ?? directory}: {exception.Message}", exception);
        }
        catch (Exception exception) when (exception is IOException or UnauthorizedAccessException or ArgumentException)
        {
            throw new BundleException($"{shownAs ?? directory}: cannot be read: {exception.Message}", exception);
        }
    }

    private static Bundle Read(string directory)
    {
        var bytes = ReadManifest(directory);
        var manifest = Manifest.Parse(bytes);
        BundleFiles.Check(directory, manifest);
        var vocabularyFiles = manifest.Inputs.Where(input => input.Vocabulary is not null).Select(input => input.Vocabulary!.File).ToHashSet();
        var kept = new Dictionary<string, byte[]>(StringComparer.Ordinal);
        foreach (var file in manifest.Files)
        {
            var path = BundleFiles.PathOf(directory, file.Name);
            var isVocabulary = vocabularyFiles.Contains(file.Name);
            if (isVocabulary || file.Name == GoldenFile.Name)
            {
                // What is parsed are the very bytes that were hashed.
                kept[file.Name] = ReadVerified(path, file, isVocabulary ? VocabularyFile.MaxBytes : GoldenFile.MaxBytes);
            }
            else
            {
                Verify(path, file);
            }
        }

        var vocabularies = new Dictionary<string, Vocabulary>(StringComparer.Ordinal);
        foreach (var input in manifest.Inputs)
        {
            if (input.Vocabulary is { } vocabulary)
            {
                vocabularies.Add(input.Name, VocabularyFile.Parse(kept[vocabulary.File], vocabulary, input.Range));
            }
        }

        var goldens = kept.TryGetValue(GoldenFile.Name, out var golden) ? GoldenFile.Parse(golden, manifest.Inputs, manifest.Outputs) : [];
        return new Bundle(directory, manifest, $"sha256:{Convert.ToHexStringLower(SHA256.HashData(bytes))}", vocabularies, goldens);
    }

    private static byte[] ReadManifest(string directory)
    {
        if (!Directory.Exists(directory))
        {
            throw new BundleException("no such directory");
        }

        var file = new FileInfo(Path.Combine(directory, Manifest.FileName));
        if (!file.Exists)
        {
            throw new BundleException($"incomplete: no {Manifest.FileName}");
        }

        if (file.LinkTarget is not null)
        {
            throw new BundleException($"{Manifest.FileName}: a symbolic link, expected a file");
        }

        // A pipe or a device has no length, and would never end.
        if (file.Length is 0 or > ManifestFile.MaxBytes)
        {
            throw new BundleException($"{Manifest.FileName}: {file.Length} bytes, expected 1 to {ManifestFile.MaxBytes}");
        }

        return File.ReadAllBytes(file.FullName);
    }

    private static byte[] ReadVerified(string path, FileEntry file, long limit)
    {
        if (file.Size > limit)
        {
            throw new BundleException($"{file.Name}: {file.Size} bytes, expected at most {limit}");
        }

        var bytes = File.ReadAllBytes(path);
        Compare(SHA256.HashData(bytes), file);
        return bytes;
    }

    private static void Verify(string path, FileEntry file)
    {
        using var hash = IncrementalHash.CreateHash(HashAlgorithmName.SHA256);
        using var handle = File.OpenHandle(path, options: FileOptions.SequentialScan);
        var block = ArrayPool<byte>.Shared.Rent(BlockBytes);
        try
        {
            for (long position = 0; ;)
            {
                var read = RandomAccess.Read(handle, block, position);
                if (read == 0)
                {
                    break;
                }

                hash.AppendData(block, 0, read);
                position += read;
            }
        }
        finally
        {
            ArrayPool<byte>.Shared.Return(block);
        }

        Compare(hash.GetCurrentHash(), file);
    }

    private static void Compare(byte[] digest, FileEntry file)
    {
        var found = Convert.ToHexStringLower(digest);
        if (found != file.Sha256)
        {
            throw new BundleException($"{file.Name}: sha256 {found}, expected {file.Sha256}");
        }
    }
}

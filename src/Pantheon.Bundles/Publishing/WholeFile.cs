namespace Pantheon.Bundles;

/// <summary>Small files that are read whole and replaced whole.</summary>
internal static class WholeFile
{
    /// <summary>Its bytes; null: there is no such file.</summary>
    /// <exception cref="BundleException">It is empty or too large, or cannot be read.</exception>
    public static byte[]? Read(string path, long maxBytes)
    {
        try
        {
            var file = new FileInfo(path);
            return !file.Exists ? null
                : file.Length is > 0 && file.Length <= maxBytes ? File.ReadAllBytes(path)
                : throw new BundleException($"{path}: {file.Length} bytes, expected 1 to {maxBytes}");
        }
        catch (Exception error) when (error is FileNotFoundException or DirectoryNotFoundException)
        {
            return null;
        }
        catch (Exception error) when (error is IOException or UnauthorizedAccessException)
        {
            throw new BundleException($"{path}: {error.Message}");
        }
    }
}

namespace Pantheon.Bundles;

/// <summary>Names of files inside a bundle and of models: what is safe to join to a directory on every system.</summary>
internal static class BundlePath
{
    private const int MaxLength = 512;
    private const int MaxModelLength = 64;

    /// <summary>Why a name may not be that of a bundle's file, or null if it may.</summary>
    public static string? Problem(string name)
    {
        if (name.Length is 0 or > MaxLength)
        {
            return $"{name.Length} characters long, expected 1 to {MaxLength}";
        }

        if (name[0] == '/')
        {
            return "an absolute path";
        }

        foreach (var character in name)
        {
            // A backslash parts folders on one system only. A colon names a drive or a stream on Windows; elsewhere exporters
            // call files after tensors such as onnx::MatMul_7.
            if (char.IsControl(character) || char.IsSurrogate(character) || character == '\\' || (character == ':' && OperatingSystem.IsWindows()))
            {
                return "holds a control character, a backslash, a colon on Windows, or a character outside the basic plane";
            }
        }

        foreach (var segment in name.Split('/'))
        {
            if (segment is "" or "." or "..")
            {
                return "has an empty, '.' or '..' segment";
            }
        }

        return string.Equals(name, Manifest.FileName, StringComparison.OrdinalIgnoreCase) ? "the manifest itself" : null;
    }

    public static bool IsModelName(string name)
    {
        if (name.Length is 0 or > MaxModelLength || !char.IsAsciiLetterOrDigit(name[0]))
        {
            return false;
        }

        foreach (var character in name)
        {
            if (!char.IsAsciiLetterOrDigit(character) && character is not ('_' or '.' or '-'))
            {
                return false;
            }
        }

        return true;
    }
}

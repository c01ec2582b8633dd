namespace Pantheon.Bundles;

/// <summary><c>s3://bucket/prefix</c>: where in a store the models are.</summary>
/// <param name="Bucket">The bucket.</param>
/// <param name="Prefix">What all keys begin with: empty, or ends in a slash.</param>
internal sealed record S3Address(string Bucket, string Prefix)
{
    public const string Scheme = "s3://";

    public static bool Is(string text) => text.StartsWith(Scheme, StringComparison.OrdinalIgnoreCase);

    /// <exception cref="BundleException">It is none.</exception>
    public static S3Address Parse(string text)
    {
        var (bucket, prefix) = text[Scheme.Length..].Split('/', 2) is [var one, var rest] ? (one, rest.Trim('/')) : (text[Scheme.Length..], "");
        return bucket.Length is >= 3 and <= 63 && bucket.All(character => char.IsAsciiLetterLower(character) || char.IsAsciiDigit(character) || character is '-' or '.')
            && (prefix.Length == 0 || BundlePath.Problem(prefix) is null)
            ? new S3Address(bucket, prefix.Length == 0 ? "" : prefix + "/")
            : throw new BundleException($"model repository: got '{text}', expected s3://BUCKET or s3://BUCKET/PREFIX");
    }

    public override string ToString() => $"{Scheme}{Bucket}/{Prefix}".TrimEnd('/');
}

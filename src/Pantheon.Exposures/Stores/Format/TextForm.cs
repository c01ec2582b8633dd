using System.Buffers;

namespace Pantheon.Exposures.Stores.Format;

/// <summary>The number before a text: what form it has, or its length in UTF-8 and <see cref="FirstLength"/>.</summary>
internal static class TextForm
{
    /// <summary><c>sha256:</c> and 64 lower-case hex digits, in 32 bytes.</summary>
    public const ulong Digest = 0;

    /// <summary>A UUID in lower case with hyphens, in 16 bytes.</summary>
    public const ulong Uuid = 1;

    public const ulong FirstLength = 2;

    public const int DigestLength = 71;
    public const int UuidLength = 36;
    public const string DigestPrefix = "sha256:";

    public static bool TryPackDigest(string text, out byte[] digest)
    {
        digest = [];
        var hex = text.AsSpan(DigestPrefix.Length);
        if (!text.StartsWith(DigestPrefix, StringComparison.Ordinal) || hex.ContainsAnyInRange('A', 'F'))
        {
            return false;
        }

        digest = new byte[32];
        return Convert.FromHexString(hex, digest, out _, out _) == OperationStatus.Done;
    }
}

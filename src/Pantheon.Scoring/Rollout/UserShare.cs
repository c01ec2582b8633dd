using System.Buffers.Binary;
using System.Security.Cryptography;
using System.Text;

namespace Pantheon.Scoring.Rollout;

/// <summary>
/// A share of the users, drawn by hash: the first 8 bytes of SHA-256(salt, 0, user key) as a big-endian number below percent / 100 of
/// 2^64. Every replica, and anybody with these two lines, draws the same; a larger percent only adds users, a smaller one only takes
/// away; another salt draws others.
/// </summary>
public sealed class UserShare
{
    private readonly byte[] _salt;
    private readonly double _percent;

    /// <param name="percent">0 to 100.</param>
    /// <param name="salt">UTF-8.</param>
    public UserShare(double percent, string salt)
    {
        ArgumentOutOfRangeException.ThrowIfNegative(percent);
        ArgumentOutOfRangeException.ThrowIfGreaterThan(percent, 100);
        _percent = percent;
        _salt = [.. Encoding.UTF8.GetBytes(salt), 0];
    }

    /// <summary>Whether the user is in it. A caller without a key is in none: it could not be given the same arm twice.</summary>
    public bool Contains(ReadOnlySpan<char> userKey)
    {
        if (userKey.IsEmpty)
        {
            return false;
        }

        Span<byte> text = stackalloc byte[512];
        var length = _salt.Length + Encoding.UTF8.GetMaxByteCount(userKey.Length);
        text = length <= text.Length ? text : new byte[length];
        _salt.CopyTo(text);
        var used = _salt.Length + Encoding.UTF8.GetBytes(userKey, text[_salt.Length..]);
        Span<byte> hash = stackalloc byte[SHA256.HashSizeInBytes];
        SHA256.HashData(text[..used], hash);
        return BinaryPrimitives.ReadUInt64BigEndian(hash) / Math.Pow(2, 64) * 100 < _percent;
    }
}

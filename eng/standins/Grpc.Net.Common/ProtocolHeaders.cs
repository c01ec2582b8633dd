using Grpc.Core;

namespace Grpc.Net.Common;

/// <summary>The protocol's own header names, and which headers are no metadata.</summary>
internal static class ProtocolHeaders
{
    public const string Status = "grpc-status";
    public const string Message = "grpc-message";
    public const string Timeout = "grpc-timeout";
    public const string Encoding = "grpc-encoding";
    public const string AcceptEncoding = "grpc-accept-encoding";

    /// <summary>In a call's metadata: compress this call's messages with the algorithm named; never on the wire itself.</summary>
    public const string EncodingRequest = "grpc-internal-encoding-request";

    public const string ContentType = "application/grpc";
    public const string Identity = "identity";
    public const string Gzip = "gzip";

    /// <summary>What both sides say they can read.</summary>
    public const string Accepted = "identity,gzip";

    public const string Supported = "identity, gzip";

    /// <summary>True for application/grpc, application/grpc+anything and either with parameters.</summary>
    public static bool IsGrpc(string? contentType) =>
        contentType is not null
        && contentType.StartsWith(ContentType, StringComparison.OrdinalIgnoreCase)
        && (contentType.Length == ContentType.Length || contentType[ContentType.Length] is '+' or ';');

    /// <summary>True for what the protocol or HTTP owns: not shown to users as metadata, not taken from them.</summary>
    public static bool IsReserved(string name) => name.Length == 0 || name[0] == ':' || name.ToLowerInvariant() switch
    {
        Status or Message or Timeout or Encoding or AcceptEncoding or EncodingRequest => true,
        "content-type" or "content-encoding" or "content-length" or "accept-encoding" => true,
        "te" or "host" or "connection" or "transfer-encoding" => true,
        _ => false,
    };

    /// <summary>Adds what one header field carries: text as it is, each comma-joined part of binary values on its own.</summary>
    public static void AddTo(Metadata metadata, string name, string value)
    {
        if (!Metadata.Entry.IsBinaryKey(name))
        {
            metadata.Add(new Metadata.Entry(name, value));
            return;
        }

        foreach (var part in value.AsSpan().Split(','))
        {
            metadata.Add(Metadata.Entry.FromOwnedBytes(name, DecodeBinary(value.AsSpan(part).Trim())));
        }
    }

    public static string ValueOnWire(Metadata.Entry entry) =>
        entry.IsBinary ? Convert.ToBase64String(entry.Bytes) : entry.Value;

    /// <summary>Base64 with its padding or, as most implementations send it, without.</summary>
    private static byte[] DecodeBinary(ReadOnlySpan<char> base64)
    {
        base64 = base64.TrimEnd('=');
        Span<char> padded = base64.Length <= 508 ? stackalloc char[512] : new char[base64.Length + 4];
        base64.CopyTo(padded);
        var length = base64.Length;
        while (length % 4 != 0)
        {
            padded[length++] = '=';
        }

        var bytes = new byte[length / 4 * 3];
        if (base64.Length % 4 == 1 || !Convert.TryFromBase64Chars(padded[..length], bytes, out var written))
        {
            throw new FormatException("Invalid base64 in a binary header value.");
        }

        return bytes[..written];
    }
}

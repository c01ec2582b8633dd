namespace Pantheon.Cli.Rank;

/// <summary>Where the service is, as the user says it.</summary>
internal static class ServiceAddress
{
    /// <summary><c>host:port</c>, which is gRPC over cleartext HTTP/2, or a whole http or https address.</summary>
    public static Uri Parse(string option, string value)
    {
        var isWhole = value.Contains("://", StringComparison.Ordinal);
        return Uri.TryCreate(isWhole ? value : $"http://{value}", UriKind.Absolute, out var address)
            && address.Scheme is "http" or "https" && address.PathAndQuery == "/" && address.UserInfo.Length == 0
            && (isWhole || value.EndsWith($":{address.Port}", StringComparison.Ordinal))
                ? address
                : throw CommandFailure.OfUsage($"{option}: got '{value}', expected host:port such as 127.0.0.1:8500");
    }
}

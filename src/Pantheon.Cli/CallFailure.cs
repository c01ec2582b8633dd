using System.Globalization;
using System.Text;
using Grpc.Core;

namespace Pantheon.Cli;

/// <summary>What a call of a service ended with, as a command's one line.</summary>
internal static class CallFailure
{
    private const string RetryTrailer = "grpc-retry-pushback-ms";

    /// <param name="address">Where the service was looked for.</param>
    public static CommandFailure Of(RpcException error, Uri address) => new($"{NameOf(error.StatusCode.ToString())}: {error.Status.Detail}{Hint(error, address)}");

    /// <summary>The name that the gRPC specification gives: ResourceExhausted is RESOURCE_EXHAUSTED.</summary>
    public static string NameOf(string status)
    {
        var name = new StringBuilder();
        foreach (var letter in status)
        {
            if (char.IsUpper(letter) && name.Length > 0)
            {
                name.Append('_');
            }

            name.Append(char.ToUpperInvariant(letter));
        }

        return status == nameof(StatusCode.OK) ? status : name.ToString();
    }

    private static string Hint(RpcException error, Uri address)
    {
        if (error.Trailers.GetValue(RetryTrailer) is { } value
            && long.TryParse(value, NumberStyles.None, CultureInfo.InvariantCulture, out var milliseconds))
        {
            return $" (try again in {milliseconds} ms)";
        }

        return error.StatusCode == StatusCode.Unavailable ? $" (is the service up at {address.Authority}?)" : "";
    }
}

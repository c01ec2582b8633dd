using System.Security.Cryptography;
using System.Text;
using Grpc.Core;

namespace Pantheon.Serving.Configuration;

/// <summary>Who may change what serves, or delete what is stored.</summary>
internal static class AdminToken
{
    /// <exception cref="RpcException">UNAUTHENTICATED: settings want a token, and it did not come.</exception>
    public static void Check(ServingOptions options, ServerCallContext context)
    {
        if (options.AdminToken.Length == 0)
        {
            return;
        }

        // In constant time: how much of a token is right must not show.
        var came = context.RequestHeaders.GetValue("authorization") ?? "";
        if (!CryptographicOperations.FixedTimeEquals(Encoding.UTF8.GetBytes(came), Encoding.UTF8.GetBytes($"Bearer {options.AdminToken}")))
        {
            throw new RpcException(new Status(
                StatusCode.Unauthenticated, $"metadata authorization: got {(came.Length == 0 ? "none" : "another one")}, expected 'Bearer ' and the service's token"));
        }
    }
}
